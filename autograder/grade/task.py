"""The unit of work: a task goes to a worker, on this machine or another one, and an outcome comes back.

All of it is plain data. A setting is what the tasks of one run share; a worker keeps one warm examiner per setting.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from nbformat import from_dict

from autograder.evidence.canonical import sha256_of
from autograder.evidence.secret import seed_mark
from autograder.grade.versions import Versions
from autograder.model.assignment import Assignment
from autograder.model.examination import Examination
from autograder.model.limits import Limits
from autograder.model.submission import HandedIn, Submission


@dataclass(frozen=True)
class Setting:
    """What the tasks of one run share.

    Args:
        unit: name of the unit.
        notebooks: JSON of the solved notebook and of the release.
        sandbox: the level that was asked for; "auto" takes the best one of the worker's machine.
        limits: before extra time.
        seed_key: behind the private inputs of this unit (not the course secret).
        roots: folders that must be importable in the student's process, on machines that have them.
        versions: of the coordinator; a worker with other ones refuses.
    """

    unit: str
    notebooks: tuple[str, str]
    sandbox: str
    limits: Limits
    seed_key: bytes
    roots: tuple[str, ...]
    versions: Versions

    @classmethod
    def make(cls, assignment: Assignment, *, sandbox: str, limits: Limits, seed_key: bytes,
             roots: tuple[Path, ...]) -> "Setting":
        """The setting of a run on this machine's versions."""
        notebooks = (json.dumps(assignment.solved), json.dumps(assignment.release))
        return cls(assignment.name, notebooks, sandbox, limits, seed_key, tuple(map(str, roots)),
                   Versions.here(roots))

    def assignment(self) -> Assignment:
        """The assignment, read back."""
        solved, release = (from_dict(json.loads(text)) for text in self.notebooks)
        return Assignment(self.unit, solved, release)

    @property
    def importable(self) -> tuple[Path, ...]:
        """The roots that this machine has."""
        return tuple(Path(root) for root in self.roots if Path(root).is_dir())

    @cached_property
    def name(self) -> str:
        """A hash of everything in it: two settings of one name are the same."""
        data = asdict(self)
        return sha256_of(data | {"seed_key": self.seed_key.hex(), "notebooks": list(self.notebooks)})

    @cached_property
    def tests_sha256(self) -> str:
        """Of all that decides a score: the graded cells and the library with its checks."""
        return sha256_of([self.assignment().digest, self.versions.library])

    @cached_property
    def release_sha256(self) -> str:
        """Of the release."""
        return hashlib.sha256(self.notebooks[1].encode()).hexdigest()


@dataclass(frozen=True)
class Task:
    """One submission to grade.

    Args:
        key: names the result.
        handed_in: the file.
        extra_time: factor on all times.
    """

    key: str
    handed_in: HandedIn
    extra_time: float = 1.0


@dataclass(frozen=True)
class Outcome:
    """What a worker made of a task.

    Args:
        key: of the task.
        submission: as it was understood; without its steps.
        examination: what was found.
        started: ISO 8601 time with zone.
        worker: which one, for people.
        trouble: why the grader itself failed on it, or None. Such an outcome is recorded, but not kept: the next run
            tries again.
    """

    key: str
    submission: Submission
    examination: Examination
    started: str
    worker: str
    trouble: str | None = None


def attachment_hashes(handed_in: HandedIn) -> dict[str, str]:
    """Name → SHA-256 of each further file.

    Raises:
        OSError: one cannot be read.
    """
    hashes = {}
    for name, path in sorted(handed_in.attachments.items()):
        with path.open("rb") as stream:
            hashes[name] = hashlib.file_digest(stream, "sha256").hexdigest()
    return hashes


def result_key(handed_in: HandedIn, extra_time: float, setting: Setting) -> str:
    """The name of the result: a hash of all that decides the verdict. The same name is never graded twice."""
    return sha256_of([
        hashlib.sha256(handed_in.data).hexdigest(), list(handed_in.faults), attachment_hashes(handed_in),
        setting.unit, setting.tests_sha256, setting.release_sha256, setting.versions.to_json(),
        asdict(setting.limits), handed_in.student, extra_time, seed_mark(setting.seed_key, handed_in.student),
    ])[:40]

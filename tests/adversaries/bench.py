"""The bridge from a case to the grader: read the file, examine it, look at what is left."""

import gc
import hashlib
import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil
from roster import TOKEN, Case, Kit

from autograder.course import Course
from autograder.errors import CourseError
from autograder.examine import Examiner
from autograder.intake import read
from autograder.model.assignment import Assignment
from autograder.model.examination import Examination
from autograder.model.limits import Limits
from autograder.model.submission import HandedIn, Submission

ROOT = Path(__file__).resolve().parents[2]
LIMITS = Limits(
    memory_bytes=2 << 30, processes=64, file_bytes=64 << 20, output_bytes=256 << 10, cell_seconds=5.0,
    cell_cpu_seconds=40.0, exercise_seconds=8.0, submission_seconds=60.0, reply_bytes=64 << 20,
)
SECRET = b"the course secret of the adversaries"
CANARY = "canary-3b7f-of-the-instructor"
"""Stands in the grader's environment; it must never be seen by, or through, a submission."""
WATCHED = ("/tmp", "/var/tmp", "/dev/shm", "/run", "/run/lock", "/", str(Path.home()), str(ROOT), os.getcwd())
SETTLE_SECONDS = 3.0


@dataclass
class Graded:
    """What the grader made of a case."""

    submission: Submission
    examination: Examination

    def statuses(self) -> dict[str, str]:
        """grade_id of the answer → status, the first that is not "passed" where several cells grade it."""
        found: dict[str, str] = {}
        for result in self.examination.results:
            if found.get(result.exercise, "passed") == "passed":
                found[result.exercise] = result.status
        return found

    def message(self, exercise: str) -> str:
        """What the student is told about an exercise."""
        return "\n".join(r.message for r in self.examination.results if r.exercise == exercise)

    def shown(self) -> list[str]:
        """Every text of the grader's own that a student may see."""
        texts = [t for r in self.examination.results for t in (r.message, r.printed)]
        texts += [t for f in self.examination.faults for t in (f.message, f.label)]
        return texts + [r.what for r in self.submission.repairs] + list(self.submission.flags)


class Bench:
    """One examiner of one unit, and what stood around it before the first case."""

    def __init__(self, unit: str, sandbox: str):
        course = Course.load(ROOT)
        self.kit = Kit(Assignment.read(course, course.unit(unit)))
        self.level = sandbox
        self.examiner = Examiner(self.kit.assignment, sandbox=sandbox, limits=LIMITS, secret=SECRET, roots=(ROOT,))

    def __enter__(self) -> "Bench":
        self.examiner.__enter__()
        self.grade(self.kit.solved())  # warm: libraries that load late, caches of the checks
        return self

    def __exit__(self, *fault) -> None:
        self.examiner.__exit__(*fault)

    def grade(self, work, *, student: str = "mallory", hurry: float = 1.0, beside: Mapping[str, Path] = {}) -> Graded:
        """Read and examine one file."""
        data = work if isinstance(work, bytes) else (work if isinstance(work, str) else json.dumps(work)).encode(
            "utf-8", "surrogatepass")
        handed_in = HandedIn(student, student, data, attachments=dict(beside))
        submission = read(handed_in, self.kit.assignment)
        return Graded(submission, self.examiner.examine(submission, extra_time=hurry))

    def run(self, case: Case, folder: Path) -> Graded:
        """Grade a case, its further files in `folder`."""
        beside = {}
        for name, text in case.beside.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            beside[name] = path
        return self.grade(case.make(self.kit), hurry=case.hurry, beside=beside)

    def surroundings(self) -> dict[str, int]:
        """Numbers that must not grow from case to case: processes below this one, descriptors, bytes of memory."""
        gc.collect()
        me = psutil.Process()
        children = len(me.children(recursive=True))
        return {"processes": children, "descriptors": me.num_fds(), "bytes": me.memory_info().rss}

    def settled(self, before: dict[str, int]) -> dict[str, int]:
        """The same once nothing is left that is more than `before`, at the latest after a few seconds."""
        until = time.monotonic() + SETTLE_SECONDS
        while True:
            now = self.surroundings()
            same = now["processes"] <= before["processes"] and now["descriptors"] <= before["descriptors"]
            if same or time.monotonic() > until:
                return now
            time.sleep(0.05)


def survivors() -> list[str]:
    """Files and processes that carry the attacks' token; the files are removed."""
    found = []
    for folder in dict.fromkeys(WATCHED):
        for path in Path(folder).glob(f"{TOKEN}*"):
            found.append(str(path))
            path.unlink(missing_ok=True) if not path.is_dir() else path.rmdir()
    for process in psutil.process_iter(["cmdline"]):
        if any(TOKEN in word for word in process.info["cmdline"] or ()):
            found.append(f"process {process.pid}: {process.info['cmdline']}")
    return found + system_v()


def system_v() -> list[str]:
    """Shared memory, semaphores and queues under the attacks' key."""
    found = []
    for kind in ("shm", "sem", "msg"):
        file = Path("/proc/sysvipc", kind)
        lines = file.read_text().splitlines()[1:] if file.exists() else []
        found += [f"System V {kind}" for line in lines if line.split()[0] == str(0x8D1C)]
    return found


def usable(level: str) -> str:
    """Why this level of sandbox cannot be had here; "" if it can."""
    from autograder.sandbox import open_sandbox

    try:
        open_sandbox(level, setup="pass", preload=(), roots=(ROOT,), limits=LIMITS).close()
    except CourseError as error:
        return str(error)
    return ""


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()

"""The results of one unit on the disk: a sealed file per result, stored at once, so that a second run finds them.

    build/grades/UNIT/KEY.ipynb   the notebook that the gradebook and the feedback are made from
    build/grades/UNIT/KEY.json    {"mac": …, "notebook_sha256": …, "record": {…}}

The notebook is written first: a result counts as soon as its JSON has its name.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.errors import CourseError
from autograder.evidence.canonical import is_sealed, seal_of
from autograder.evidence.record import Record
from autograder.files import write_all
from autograder.model.submission import Submission


@dataclass(frozen=True)
class Graded:
    """A stored result: the record, and the release with the student's answers in it."""

    record: Record
    notebook: NotebookNode

    def submission(self) -> Submission:
        """The submission as it was understood; its steps are not kept."""
        r = self.record
        return Submission(
            student=r.student, name=r.name, sha256=r.submission_sha256, steps=(), answers=dict(r.answers),
            repairs=r.repairs, notebook=self.notebook, received=r.received, origin=r.origin, refused=r.refused,
        )


class Results:
    """The stored results of one unit.

    Args:
        folder: build/grades/UNIT.
        key: the evidence key.
    """

    def __init__(self, folder: Path, key: bytes):
        self.folder, self._key = folder, key

    def write(self, graded: Graded) -> None:
        """Store a result; after a kill it is there in full or not at all."""
        text = json.dumps(graded.notebook, indent=1, sort_keys=True) + "\n"  # ASCII: a lone surrogate survives
        body = {"record": graded.record.to_json(), "notebook_sha256": _sha256(text)}
        name = graded.record.key
        write_all({self.folder / f"{name}.ipynb": text})
        write_all({self.folder / f"{name}.json": json.dumps(body | {"mac": seal_of(self._key, body)}, indent=1) + "\n"})

    def read(self, name: str) -> Graded:
        """The result stored under a key.

        Raises:
            LookupError: there is none.
            CourseError: it was changed since it was stored.
        """
        file = self.folder / f"{name}.json"
        if not file.exists():
            raise LookupError(name)
        try:
            data = json.loads(file.read_bytes())
            text = file.with_suffix(".ipynb").read_text(encoding="ascii")
            body = {entry: data[entry] for entry in ("record", "notebook_sha256")}
            if not is_sealed(self._key, body, data["mac"]):
                raise CourseError("this stored result was changed", file, None, MEND)
            if _sha256(text) != body["notebook_sha256"]:
                raise CourseError("the notebook of this result was changed", file.with_suffix(".ipynb"), None, MEND)
            return Graded(Record.from_json(body["record"]), nbformat.reads(text, as_version=4))
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise CourseError(f"this stored result cannot be read: {error}", file, None, MEND) from None

    def names(self) -> list[str]:
        """The keys of all stored results."""
        return sorted(file.stem for file in self.folder.glob("*.json"))


MEND = "`course grade` grades this submission again"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def results_folder(build: Path, unit: str) -> Path:
    """Where the results of a unit lie."""
    return build / "grades" / unit

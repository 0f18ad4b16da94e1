"""What a student handed in: the file as it arrived, and what was understood of it."""

from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

EXTRA = "extra"
"""Kind of a cell that the student added; the other kinds are those of `autograder.model.assignment`."""


@dataclass(frozen=True)
class HandedIn:
    """One file as it was collected. Nothing in it has been looked at yet, and nothing of it is trusted.

    Args:
        student: the id in the gradebook.
        name: how a person reads it in lists; the id where nothing better is known.
        data: the bytes of the notebook file (or a view of them), at most the collector's size limit.
        received: ISO 8601 time with zone, or None where the source does not tell.
        origin: where it came from, for messages ("moodle.zip: Anna Meier_123_…/02_stft.ipynb").
        attachments: name → path of further files handed in beside the notebook (weights as safetensors).
        faults: why nothing, or not everything, could be collected; for the student and the instructor.
    """

    student: str
    name: str
    data: bytes
    received: str | None = None
    origin: str = ""
    attachments: dict[str, Path] = field(default_factory=dict)
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """One code cell to run in the student's process, in the order of the notebook.

    Args:
        kind: "lesson" (the instructor's text), "answer" or "extra" (the student's).
        source: the code.
        label: how messages name it: the grade_id of an answer, else "cell 7".
        grade_id: of an answer cell.
        needed: False for a cell on which no answer depends by name: it runs only in the second chance, when a name was
            missing after the needed ones.
    """

    kind: str
    source: str
    label: str
    grade_id: str | None = None
    needed: bool = True


@dataclass(frozen=True)
class Repair:
    """Something that was mended or could not be mended in a submission.

    Args:
        what: one sentence for the student ("The cell of `stft` was found by its text: its metadata was gone.").
        grade_id: of the exercise it concerns, or None for the whole file.
        doubtful: whether a person should look at it.
    """

    what: str
    grade_id: str | None = None
    doubtful: bool = False


@dataclass(frozen=True)
class Submission:
    """A submission that has been read: data only.

    Args:
        student, name, received, origin, attachments: as in `HandedIn`.
        sha256: of the bytes handed in.
        steps: code cells to run, setup not among them.
        answers: grade_id → source of every answer cell found, code and prose; None where none was found.
        repairs: what was mended; `doubtful` ones flag the submission for a person.
        notebook: the instructor's release with the student's answers and added cells in it, ready for the gradebook.
        refused: why the file could not be read at all (not a notebook, too large), else None. Then `answers` holds
            None for every exercise and `notebook` is the blank release.
    """

    student: str
    name: str
    sha256: str
    steps: tuple[Step, ...]
    answers: dict[str, str | None]
    repairs: tuple[Repair, ...]
    notebook: NotebookNode
    received: str | None = None
    origin: str = ""
    attachments: dict[str, Path] = field(default_factory=dict)
    refused: str | None = None

    @property
    def flags(self) -> tuple[str, ...]:
        """What a person should look at."""
        doubts = [r.what for r in self.repairs if r.doubtful]
        return (self.refused, *doubts) if self.refused else tuple(doubts)

"""What a run shows: a bar, a line per submission, a summary; or one JSON object."""

import json
import sys
from itertools import islice
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from autograder.errors import short_path
from autograder.evidence.record import Record
from autograder.grade.batch import Batch
from autograder.grade.ledger import Entered
from autograder.grade.plan import Plan

FLAG_CHARACTERS = 160


class Display:
    """Shows a run as it goes on; use it as a context manager around the grading.

    Args:
        batch, plan: the run.
        as_json: keep stdout for the JSON object of `summary`.
    """

    def __init__(self, batch: Batch, plan: Plan, *, as_json: bool = False):
        self.interrupted = False
        self._batch, self._plan, self._json = batch, plan, as_json
        self._entered: list[Entered] = []
        terminal = sys.stdout.isatty() and not as_json
        self._console = Console(width=None if terminal else 160, highlight=False, stderr=as_json)
        self._width = max((len(called(item.student, item.name)) for item in batch.collection.items), default=0)
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=self._console, disable=not terminal, transient=True,
        )
        self._bar = self._progress.add_task(batch.assignment.name, total=len(plan.kept) + len(plan.todo))

    def __enter__(self) -> "Display":
        self._notes()
        self._progress.start()
        return self

    def __exit__(self, *_) -> None:
        self._progress.stop()

    @property
    def trouble(self) -> bool:
        """Whether the grader failed on a submission, or the gradebook refused one."""
        return any(e.problem or e.graded.record.run.get("trouble") for e in self._entered)

    def plan(self) -> None:
        """List what would be done."""
        self._notes()
        for task in self._plan.todo:
            self._line(called(task.handed_in.student, task.handed_in.name), "would be graded", task.handed_in.origin)
        for task, _ in self._plan.kept:
            self._line(called(task.handed_in.student, task.handed_in.name), "has a result", task.handed_in.origin)
        self._console.print(f"{len(self._plan.todo)} to grade, {len(self._plan.kept)} kept")
        if self._json:
            print(json.dumps({
                "unit": self._batch.assignment.name, "skipped": list(self._batch.collection.skipped),
                "to_grade": [task.handed_in.student for task in self._plan.todo],
                "kept": [task.handed_in.student for task, _ in self._plan.kept],
            }, indent=2))

    def add(self, entered: Entered) -> None:
        """One more submission is on the books."""
        self._entered.append(entered)
        record = entered.graded.record
        score = record.score if entered.score is None else entered.score
        late = f" (late: −{entered.penalty:g})" if entered.penalty else ""
        seconds = "kept" if entered.kept else f"{record.run['seconds']:.1f} s"
        problems = [entered.problem] if entered.problem else []
        notes = [*entered.put_back, *(record.flags or first_lost(record)), *problems]
        self._line(
            called(record.student, record.name), f"{score:>5g}/{record.points:g}{late}  {seconds:>7}", "; ".join(notes),
            self._colour(entered),
        )
        self._progress.advance(self._bar)

    def _colour(self, entered: Entered) -> str:
        if entered.problem or entered.graded.record.run.get("trouble"):
            return "red"
        return "yellow" if entered.put_back or entered.graded.record.flags else "dim"

    def summary(self, seconds: float) -> None:
        """The end: how many, how well, how long, and what to do next."""
        if self._json:
            print(json.dumps(self._data(seconds), indent=2))
            return
        records = [entered.graded.record for entered in self._entered]
        fresh = sum(not entered.kept for entered in self._entered)
        self._console.print(f"{fresh} graded, {len(records) - fresh} kept, in {seconds:.1f} s"
                            + (f"; mean {sum(r.score for r in records) / len(records):.2f} of {records[0].points:g}"
                               if records else ""))
        flagged = sum(bool(r.flags) for r in records)
        if flagged:
            self._console.print(f"{flagged} flagged: a person should look at them (formgrader, or `course report`)")
        if self.interrupted:
            left = len(self._plan.kept) + len(self._plan.todo) - len(records)
            self._console.print(f"interrupted: what is listed is kept, {left} left; run it again to go on")
        folder = short_path(self._batch.results.folder)
        self._console.print(f"records: {folder} · check them: course verify-grades", soft_wrap=True)

    def _notes(self) -> None:
        for note in (*self._batch.collection.skipped, *self._batch.collection.notes, *self._plan.notes):
            self._console.print(f"[dim]{escape(printable(note))}[/]", soft_wrap=True)

    def _line(self, student: str, middle: str, note: str, colour: str = "dim") -> None:
        note = printable(note)
        note = note if len(note) <= FLAG_CHARACTERS else note[: FLAG_CHARACTERS - 1] + "…"
        self._console.print(f"{escape(printable(student)):<{self._width}}  {middle}  [{colour}]{escape(note)}[/]",
                            soft_wrap=True)

    def _data(self, seconds: float) -> dict[str, Any]:
        return {
            "unit": self._batch.assignment.name, "wall_seconds": round(seconds, 3), "interrupted": self.interrupted,
            "skipped": list(self._batch.collection.skipped),
            "notes": [*self._batch.collection.notes, *self._plan.notes],
            "submissions": [_entry(entered) for entered in self._entered],
        }


def _entry(entered: Entered) -> dict[str, Any]:
    record = entered.graded.record
    return {
        "student": record.student, "name": record.name, "score": record.score, "points": record.points,
        "gradebook_score": entered.score, "penalty": entered.penalty, "kept": entered.kept,
        "seconds": record.run["seconds"], "sandbox": record.sandbox, "flags": list(record.flags),
        "trouble": record.run.get("trouble"), "problem": entered.problem,
        "put_back": list(entered.put_back),
        "results": {r.grade_id: {"status": r.status, "score": r.score, "points": r.points, "message": r.message}
                    for r in record.results},
    }


def first_lost(record: Record) -> tuple[str, ...]:
    """The exercise that lost points first, and what its check said; nothing where none did."""
    lost = (r for r in record.results if r.score is not None and r.score < r.points)
    return tuple(f"{r.exercise}: {r.message or r.status}" for r in islice(lost, 1))


def called(student: str, name: str) -> str:
    """Id and name of a student, the name where it says more."""
    return printable(student if name in ("", student) else f"{student} {name}")


def printable(text: str) -> str:
    """`text` on one line, without what could move a terminal's cursor or not be printed at all."""
    return "".join(c if c.isprintable() else "�" for c in " ".join(text.split()))

"""One submission on its way: sessions are opened, its cells are run in them, and deadly cells are left out."""

import contextlib
import re
import time
from dataclasses import dataclass, field

from autograder.examine import wording
from autograder.examine.line import Fault, Line, LineBroken
from autograder.model.examination import WRONG, CellFault
from autograder.model.limits import Limits
from autograder.model.submission import Step, Submission
from autograder.remote.client import ProtocolFault
from autograder.sandbox import Sandbox
from course_lib.checks.core import CheckFailed

SESSION_SEED = 0
OUTPUT_SHARE = 2
"""Head and tail of the output of several sessions are kept, one half of the limit each."""


class OutOfTime(Exception):
    """The time for the whole submission is used up."""


@dataclass
class Used:
    """What the sessions of one submission used."""

    sessions: int = 0
    output: str = ""
    output_bytes: int = 0
    peak_bytes: int = 0


@dataclass
class Run:
    """The student's side of one examination.

    Args:
        sandbox: where sessions come from.
        submission: what to run.
        limits: on it.
        keep: grade_id → names whose objects are remembered as they are after that answer cell: a later cell that binds
            the name again (a student's experiment) does not replace the answer.
    """

    sandbox: Sandbox
    submission: Submission
    limits: Limits
    keep: dict[str, list[str]]
    used: Used = field(default_factory=Used)

    def __post_init__(self):
        self._deadline = time.monotonic() + self.limits.submission_seconds
        self._line: Line | None = None
        self._all_steps = False
        self._deadly: set[int] = set()
        self._faults: dict[int, CellFault] = {}
        self._errors: dict[int, dict] = {}

    def line(self, *, all_steps: bool = False) -> Line:
        """A session that has run the cells: the last one if it still lives, else a fresh one.

        Args:
            all_steps: run also the cells on which no answer seems to depend.

        Raises:
            OutOfTime: no time is left for it.
        """
        if self._line is not None and self._line.fault is None and self._all_steps >= all_steps:
            return self._line
        while True:
            self.close()
            if time.monotonic() >= self._deadline:
                raise OutOfTime
            session = self.sandbox.session(self.limits, files=self.submission.attachments)
            self.used.sessions += 1
            self._line, self._all_steps = Line(session, self.limits, self._deadline), all_steps
            if self._prepare(self._line):
                return self._line

    def settle(self) -> None:
        """Let what the last graded cell built die now: a destructor that ends the process costs no other exercise."""
        if self._line is not None and self._line.fault is None and self._line.remote.has_dropped:
            with contextlib.suppress(LineBroken, CheckFailed):
                self._line.ask("describe", name="")

    def close(self) -> None:
        """End the session, if there is one, and count what it used."""
        if self._line is None:
            return
        end = self._line.close()
        self._line = None
        self.used.output_bytes += end.output_bytes
        self.used.peak_bytes = max(self.used.peak_bytes, end.peak_bytes)
        output, most = self.used.output + end.output, self.limits.output_bytes
        if len(output) > most:
            output = output[: most // OUTPUT_SHARE] + "\n…\n" + output[-most // OUTPUT_SHARE :]
        self.used.output = output

    @property
    def faults(self) -> tuple[CellFault, ...]:
        """Cells that failed, in the order of the notebook."""
        return tuple(self._faults[i] for i in sorted(self._faults))

    def error_of(self, grade_id: str) -> tuple[CellFault | None, dict | None]:
        """What went wrong in the answer cell of an exercise: the fault, and what it raised, if it did raise."""
        for i, step in enumerate(self.submission.steps):
            if step.grade_id == grade_id and (i in self._faults or i in self._errors):
                return self._faults.get(i), self._errors.get(i)
        return None, None

    def left_out(self, text: str) -> bool:
        """Whether a name that `text` or a failed cell misses seems to be bound by a cell that has not run."""
        texts = [text, *(fault.message for fault in self._faults.values())]
        names = {name for text in texts for name in wording.NAME_MISSING.findall(text)}
        skipped = [] if self._all_steps else [s.source for s in self.submission.steps if not s.needed]
        return any(re.search(rf"\b{name}\b", source) for name in names for source in skipped)

    def _prepare(self, line: Line) -> bool:
        """Run the cells. False if one of them broke the session: it will be left out next time."""
        line.begin(self.limits.cell_seconds)
        try:
            line.ask("seed", seed=SESSION_SEED)
        except LineBroken as broken:
            raise RuntimeError(f"a fresh session does not answer: {broken.fault.message}") from None
        for i, step in enumerate(self.submission.steps):
            if i in self._deadly or not (step.needed or self._all_steps):
                continue
            line.begin(self.limits.cell_seconds)
            try:
                self._run_step(line, i, step)
            except LineBroken as broken:
                if time.monotonic() >= self._deadline:
                    raise OutOfTime from None
                self._deadly.add(i)
                self._note(i, step, broken.fault)
                return False
        return True

    def _run_step(self, line: Line, index: int, step: Step) -> None:
        try:
            error = line.ask("run_cell", source=step.source, keep=self.keep.get(step.grade_id, []))
        except CheckFailed as failure:  # the loop itself could not run the cell: a student's code got at it
            error = {"type": "the cell could not be run", "message": failure.message}
        if type(error) is not dict:
            return
        self._errors[index] = error
        if error.get("type") != "NotImplementedError":
            self._note(index, step, Fault(WRONG, wording.cell_raised(error)))

    def _note(self, index: int, step: Step, fault: Fault) -> None:
        known = CellFault(step.label, step.grade_id, fault.status, wording.clean(fault.message))
        self._faults.setdefault(index, known)


def describe_answer(line: Line, name: str) -> dict:
    """What the student's process says of a variable: {"kind": ..., ...}, checked for form.

    Raises:
        LineBroken: there was no usable reply.
    """
    try:
        found = line.ask("describe", name=name)
    except CheckFailed:
        return {"kind": "missing"}
    kind = found.get("kind") if type(found) is dict else None
    if kind == "callable" and type(found.get("handle")) is int and type(found.get("name")) is str:
        return found
    if (kind == "data" and "value" in found) or kind in ("missing", "ellipsis"):
        return found
    if kind == "other" and type(found.get("type")) is str and type(found.get("text")) is str:
        return found
    raise LineBroken(line.blame(ProtocolFault("no description")))

"""One graded cell: from the student's names to a verdict."""

import logging
from dataclasses import dataclass, field
from typing import Any

from autograder.examine import wording
from autograder.examine.bounds import CheckTooSlow
from autograder.examine.line import Fault, Line, LineBroken
from autograder.examine.run import Run, describe_answer
from autograder.examine.trusted import Trial, TrustedSide
from autograder.model.examination import BROKEN, CRASHED, MISSING, PASSED, TIMEOUT, WRONG
from autograder.model.limits import Limits
from autograder.remote.client import ProtocolFault, ResultTooLarge
from autograder.remote.subject import RemoteSubject
from course_lib.checks.core import CheckFailed

log = logging.getLogger(__name__)
TRUSTED_SHARE = 2
"""A check may take so many times the time that its answer may take."""
MEMORY_SHARE = 8
"""A check may take so many times the memory of the largest reply: it copies, and computes in double precision."""


@dataclass(frozen=True)
class Verdict:
    """Status and message for the student; what the check printed and measured."""

    status: str
    message: str = ""
    printed: str = ""
    measured: dict[str, float] = field(default_factory=dict)


class NotThere(Exception):
    """An answer does not exist; its verdict."""

    def __init__(self, verdict: Verdict):
        super().__init__(verdict.message)
        self.verdict = verdict


@dataclass(frozen=True)
class GradedCell:
    """One graded cell of one student.

    Args:
        source: the instructor's text.
        grade_id: of the exercise it belongs to.
        seed: private, of this student and exercise.
        solution: the model solution, to tell a wrong answer from a broken check.
    """

    source: str
    grade_id: str
    seed: str
    solution: str


class Judge:
    """Judges graded cells against one trusted side, within the limits."""

    def __init__(self, trusted: TrustedSide, limits: Limits):
        self._trusted, self._limits = trusted, limits

    def judge(self, cell: GradedCell, run: Run, model: Run) -> Verdict:
        """The verdict of a graded cell; where a name was missing, with all cells run in a second chance.

        Args:
            cell: what to judge.
            run: the student's side.
            model: the same of a submission that holds the model solution; used only when the check itself raised.

        Raises:
            OutOfTime: the time for the whole submission is used up.
        """
        verdict = self._try(cell, run, model, all_steps=False)
        if verdict.status in (WRONG, MISSING) and run.left_out(verdict.message):
            again = self._try(cell, run, model, all_steps=True)
            verdict = again if again.status in (PASSED, WRONG) else verdict
        run.settle()
        return verdict

    def _try(self, cell: GradedCell, run: Run, model: Run, *, all_steps: bool) -> Verdict:
        line = run.line(all_steps=all_steps)
        line.begin(self._limits.exercise_seconds)
        try:
            answers = self._answers(cell, run, line)
        except NotThere as missing:
            return missing.verdict
        except LineBroken as broken:
            return _verdict(broken.fault)
        replies = line.remote.replies
        trial = self._run(cell, answers, run)
        error = trial.error
        if isinstance(error, (ResultTooLarge, ProtocolFault)):
            return _verdict(line.blame(error))
        if line.trouble is not None:
            return _verdict(line.trouble)
        if error is None:
            return Verdict(PASSED, "", trial.printed, trial.measured)
        if isinstance(error, CheckFailed):
            message = error.message.replace(RemoteSubject.__name__, "function")
            status = MISSING if wording.NOT_WRITTEN.match(message) else WRONG
            return Verdict(status, message, trial.printed, trial.measured)
        if line.remote.replies > replies and self._model_passes(cell, model):
            return Verdict(TIMEOUT if isinstance(error, CheckTooSlow) else WRONG, wording.no_digest(error))
        log.error("the graded cell of %s failed by itself:\n%s", cell.grade_id, trial.trace)
        return Verdict(BROKEN, wording.broken(error))

    def _run(self, cell: GradedCell, answers: dict[str, Any], run: Run) -> Trial:
        return self._trusted.run(
            cell.source, answers, cell.seed, files=run.submission.attachments,
            seconds=TRUSTED_SHARE * self._limits.exercise_seconds,
            memory_bytes=MEMORY_SHARE * self._limits.reply_bytes,
        )

    def _model_passes(self, cell: GradedCell, model: Run) -> bool:
        line = model.line()
        line.begin(self._limits.exercise_seconds)
        try:
            return self._run(cell, self._answers(cell, model, line), model).error is None
        except (NotThere, LineBroken):
            return False

    def _answers(self, cell: GradedCell, run: Run, line: Line) -> dict[str, Any]:
        """A stand-in or data for every name of the graded cell that stands for an answer.

        Raises:
            NotThere: one does not exist.
            LineBroken: the student's process gave no usable reply.
        """
        found = {}
        for name in self._trusted.answer_names(cell.source):
            if name in self._trusted.unknown_names(cell.source):
                log.error("the graded cell of %s uses %s, which no setup or answer cell binds", cell.grade_id, name)
                raise NotThere(Verdict(BROKEN, wording.broken(NameError(name))))
            what = describe_answer(line, name)
            if what["kind"] == "missing":
                raise NotThere(_why_missing(run, cell.grade_id, name))
            if what["kind"] == "ellipsis":
                raise NotThere(Verdict(MISSING, wording.not_written(name)))
            found[name] = _stand_in(line, what)
        return found


def _stand_in(line: Line, what: dict) -> Any:
    if what["kind"] == "callable":
        return RemoteSubject(line.remote, what["handle"], what["name"])
    return what["value"] if what["kind"] == "data" else _opaque(what["type"], what["text"])


def _opaque(kind: str, text: str) -> object:
    """Stands for an object that is neither data nor callable: it can only be described in a message."""
    return type(kind if kind.isidentifier() else "object", (), {"__repr__": lambda self: text})()


def _why_missing(run: Run, grade_id: str, name: str) -> Verdict:
    fault, error = run.error_of(grade_id)
    if fault is not None and fault.status in (CRASHED, TIMEOUT):
        return Verdict(fault.status, f"while your cell ran: {fault.message}")
    if error is not None and error.get("type") == "NotImplementedError":
        return Verdict(MISSING, wording.not_written(name))
    if fault is not None:
        return Verdict(WRONG, f"your cell raised {fault.message}")
    return Verdict(MISSING, wording.not_found(f"`{name}`"))


def _verdict(fault: Fault) -> Verdict:
    return Verdict(fault.status, fault.message)

"""From a submission to an examination: the one entry to this package."""

import time
from pathlib import Path

from autograder.examine import wording
from autograder.examine.judge import GradedCell, Judge, Verdict
from autograder.examine.names import bound_names
from autograder.examine.preload import modules_to_preload
from autograder.examine.prose import prose_verdict
from autograder.examine.run import OutOfTime, Run
from autograder.examine.seeds import private_seed
from autograder.examine.trusted import TrustedSide
from autograder.model.assignment import Assignment, grade_id_of
from autograder.model.examination import BROKEN, MANUAL, PASSED, REFUSED, TIMEOUT, CheckResult, Examination
from autograder.model.limits import Limits
from autograder.model.submission import Step, Submission
from autograder.sandbox import Sandbox, open_sandbox
from autograder.source import Exercise


class Examiner:
    """Examines submissions of one assignment, one after the other. One per worker process; a context manager.

    Args:
        assignment: the instructor's side.
        sandbox: "auto", "bwrap", "docker", "podman" or "none", or a sandbox that is open already.
        limits: on each submission.
        secret: of the course; the private seeds come from it.
        roots: folders whose packages the notebooks import.
        readable: folders that they may read.

    Raises:
        CourseError: the sandbox is not usable here.
    """

    def __init__(
        self, assignment: Assignment, *, sandbox: str | Sandbox = "auto", limits: Limits = Limits(),  # noqa: B008
        secret: bytes, roots: tuple[Path, ...] = (), readable: tuple[Path, ...] = (),
    ):
        self.assignment, self.limits = assignment, limits
        self._secret = secret
        self._owned = isinstance(sandbox, str)
        self._sandbox = sandbox if not self._owned else open_sandbox(
            sandbox, setup=assignment.setup, preload=modules_to_preload(assignment), roots=roots, limits=limits,
            readable=readable,
        )
        self._trusted = TrustedSide(assignment)
        self._names = {e.grade_id: sorted(bound_names(e.solution.source)) for e in assignment.coded}
        self._stubs = {grade_id_of(c): c.source for c in assignment.release.cells}

    @property
    def level(self) -> str:
        """The sandbox in use: "bwrap", "docker", "podman" or "none"."""
        return self._sandbox.level

    def __enter__(self) -> "Examiner":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """End the sandbox, if this examiner opened it."""
        if self._owned:
            self._sandbox.close()

    def examine(self, submission: Submission, *, extra_time: float = 1.0) -> Examination:
        """Run a submission and all graded cells.

        Args:
            submission: as read by the intake.
            extra_time: factor on every time limit, for a student who has been given more.
        """
        limits = self.limits.scaled(extra_time)
        run = Run(self._sandbox, submission, limits, self._names_to_keep(submission))
        judge, started = Judge(self._trusted, limits), time.monotonic()
        results: list[CheckResult] = []
        seconds: dict[str, float] = {}
        try:
            for exercise in self.assignment.exercises:
                for grade_id, verdict in self._verdicts(exercise, submission, run, judge):
                    seconds[grade_id] = time.monotonic() - started - sum(seconds.values())
                    results.append(self._result(exercise, grade_id, verdict))
        finally:
            run.close()
        return Examination(
            tuple(results), run.faults, self.level, wording.clean_output(run.used.output), run.used.output_bytes,
            time.monotonic() - started, seconds, run.used.peak_bytes, run.used.sessions,
        )

    def _verdicts(self, exercise: Exercise, submission: Submission, run: Run, judge: Judge):
        """(grade_id, verdict) of every graded cell of an exercise, as they are found."""
        cells = [exercise.solution] if exercise.manual else exercise.tests
        for cell in cells:
            grade_id = cell.metadata.nbgrader.grade_id
            if submission.refused is not None:
                yield grade_id, Verdict(REFUSED, submission.refused)
            elif exercise.manual:
                yield grade_id, prose_verdict(self.assignment, grade_id, submission.answers.get(grade_id))
            else:
                yield grade_id, self._judge(exercise, cell.source, submission, run, judge)

    def _judge(self, exercise: Exercise, source: str, submission: Submission, run: Run, judge: Judge) -> Verdict:
        seed = private_seed(self._secret, self.assignment.name, exercise.grade_id, submission.student)
        cell = GradedCell(source, exercise.grade_id, seed, exercise.solution.source)
        model = Run(self._sandbox, self._model(exercise, submission), run.limits, self._names)
        try:
            return judge.judge(cell, run, model)
        except OutOfTime:
            return Verdict(TIMEOUT, wording.out_of_time(run.limits.submission_seconds))
        finally:
            model.close()

    def _names_to_keep(self, submission: Submission) -> dict[str, list[str]]:
        """Names that each answer cell binds for good. A stub left as it was may be answered in another cell."""
        answers = submission.answers
        return {g: names for g, names in self._names.items() if answers.get(g) not in (None, self._stubs.get(g))}

    @staticmethod
    def _model(exercise: Exercise, submission: Submission) -> Submission:
        """The submission of somebody who knows: the model solution of one exercise."""
        source, grade_id = exercise.solution.source, exercise.grade_id
        step = Step("answer", source, grade_id, grade_id)
        return Submission("model", "model", "", (step,), {grade_id: source}, (), submission.notebook,
                          attachments=submission.attachments)

    @staticmethod
    def _result(exercise: Exercise, grade_id: str, verdict: Verdict) -> CheckResult:
        cells = {c.metadata.nbgrader.grade_id: c for c in (exercise.solution, *exercise.tests)}
        points = float(cells[grade_id].metadata.nbgrader.points)
        score = points if verdict.status == PASSED else None if verdict.status in (MANUAL, BROKEN) else 0.0
        return CheckResult(
            grade_id, exercise.grade_id, points, score, verdict.status, wording.clean(verdict.message),
            wording.clean(verdict.printed), verdict.measured,
        )

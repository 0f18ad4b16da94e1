"""Grade one submission: the same function on a local worker process and on a Dask worker."""

import traceback
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from autograder.errors import CourseError
from autograder.grade.task import Outcome, Setting, Task
from autograder.grade.versions import Versions
from autograder.model.assignment import Assignment
from autograder.model.examination import BROKEN, CheckResult, Examination
from autograder.model.submission import HandedIn, Repair, Submission

TROUBLE = "The grader failed on this submission; a person will look at it."


class Bench:
    """A warm examiner for one setting.

    Raises:
        CourseError: this machine cannot grade under this setting, with a mend.
    """

    def __init__(self, setting: Setting):
        from autograder.examine import Examiner

        different = setting.versions.differences(Versions.here(setting.importable))
        if different:
            raise CourseError("this worker has other versions than the coordinator: " + "; ".join(different),
                              mend="install the same checkout and packages on both")
        self.setting, self.assignment = setting, setting.assignment()
        self._examiner = Examiner(
            self.assignment, sandbox=setting.sandbox, limits=setting.limits, secret=setting.seed_key,
            roots=setting.importable,
        )
        self._examiner.__enter__()

    def grade(self, task: Task, worker: str) -> Outcome:
        """Read and examine one submission; whatever it does, an outcome comes back."""
        from autograder.intake import read

        started = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            handed_in = replace(task.handed_in, data=bytes(task.handed_in.data))  # a spooled class comes as views
            submission = read(handed_in, self.assignment)
            examination = self._examiner.examine(submission, extra_time=task.extra_time)
        except Exception:  # a fault of the grader must not stop the class
            return broken(task, self.assignment, traceback.format_exc(limit=-3).strip(), worker, started)
        return Outcome(task.key, replace(submission, steps=()), examination, started, worker)

    def close(self) -> None:
        """End the sandbox."""
        self._examiner.__exit__(None, None, None)


_benches: dict[str, Bench] = {}
_grading = ThreadPoolExecutor(1, thread_name_prefix="grading")
"""One submission at a time, whatever threads call: trusted checks seed the generators of the whole process."""


def bench(setting: Setting) -> Bench:
    """The bench of this process for a setting; an older one is closed first. One at a time holds the memory."""
    name = setting.name
    if name not in _benches:
        close_benches()
        _benches[name] = Bench(setting)
    return _benches[name]


def close_benches() -> None:
    """End every warm examiner of this process."""
    while _benches:
        _benches.popitem()[1].close()


def run_task(task: Task, setting: Setting, worker: str = "") -> Outcome:
    """Grade one submission on the warm examiner of this process.

    Raises:
        CourseError: this machine cannot grade under this setting.
    """
    return _grading.submit(lambda: bench(setting).grade(task, worker)).result()


def broken(task: Task, assignment: Assignment, trouble: str, worker: str, started: str = "") -> Outcome:
    """The outcome of a task on which the grader itself failed: no score, a person looks at it."""
    handed_in: HandedIn = task.handed_in
    submission = Submission(
        student=handed_in.student, name=handed_in.name, sha256=sha256(handed_in.data).hexdigest(), steps=(),
        answers={exercise.grade_id: None for exercise in assignment.exercises},
        repairs=(Repair(TROUBLE, None, doubtful=True),), notebook=assignment.release, received=handed_in.received,
        origin=handed_in.origin, attachments=handed_in.attachments,
    )
    results = []
    for exercise in assignment.exercises:
        graded = [(exercise.grade_id, exercise.points)] if exercise.manual else [
            (cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)) for cell in exercise.tests]
        results += [CheckResult(name, exercise.grade_id, points, None, BROKEN, TROUBLE) for name, points in graded]
    started = started or datetime.now(UTC).isoformat(timespec="seconds")
    return Outcome(task.key, submission, Examination(tuple(results)), started, worker, trouble)

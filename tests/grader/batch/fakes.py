"""Stand-ins for the parts below the batch: a reader and an examiner that do what a submission's JSON tells them.

    {"score": 1.5, "message": "…", "sleep": 0.1, "die": "always" | "once:FILE", "raise": true}

Run as a program it is a worker process of the grader with these in it, or, called with `course`, the command line.
"""

import json
import os
import signal
import sys
import time
import types
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from autograder.grade import run_task
from autograder.model.assignment import Assignment
from autograder.model.examination import PASSED, WRONG, CheckResult, Examination
from autograder.model.submission import HandedIn, Repair, Submission
from autograder.processes import PACKAGE_ROOT

WORKER = (sys.executable, "-P", str(Path(__file__).resolve()))


def environment() -> dict[str, str]:
    """For programs that a test starts: this checkout first."""
    paths = [str(Path(__file__).parent), str(PACKAGE_ROOT), os.environ.get("PYTHONPATH", "")]
    return dict(os.environ, PYTHONPATH=os.pathsep.join(paths))


def hand_in(student="anna", **orders):
    """A submission with orders for the stand-ins."""
    return HandedIn(student, student.title(), json.dumps({"score": 1.5} | orders).encode(),
                    "2026-11-01T12:00:00+00:00", f"folder/{student}.ipynb")


def read(handed_in: HandedIn, assignment: Assignment) -> Submission:
    """The orders become the answer of the first exercise."""
    answers = {e.grade_id: None for e in assignment.exercises} | {
        assignment.exercises[0].grade_id: handed_in.data.decode()}
    repairs = (Repair("found by its text", None, doubtful=True),) if b"doubt" in handed_in.data else ()
    return Submission(handed_in.student, handed_in.name, sha256(handed_in.data).hexdigest(), (), answers, repairs,
                      assignment.release, handed_in.received, handed_in.origin)


class Examiner:
    """Gives the score that the submission asks for, or dies as it says."""

    def __init__(self, assignment, *, sandbox, limits, secret, roots):
        self.assignment, self.level, self.secret = assignment, "bwrap" if sandbox == "auto" else sandbox, secret

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def examine(self, submission, *, extra_time=1.0):
        orders = json.loads(submission.answers[self.assignment.exercises[0].grade_id])
        time.sleep(orders.get("sleep", 0))
        how, _, file = orders.get("die", "").partition(":")
        if how == "always" or (how == "once" and not Path(file).exists()):
            if file:
                Path(file).touch()
            print("these are the last words", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        if "raise" in orders:
            raise ArithmeticError("the examiner has a fault")
        results = []
        for exercise in self.assignment.exercises:
            for cell in exercise.tests:
                score = min(orders["score"], exercise.points)
                status = PASSED if score == exercise.points else WRONG
                results.append(CheckResult(cell.metadata.nbgrader.grade_id, exercise.grade_id, exercise.points, score,
                                           status, orders.get("message", "")))
            if exercise.manual:
                results.append(CheckResult(exercise.grade_id, exercise.grade_id, exercise.points, None, "manual"))
        return Examination(tuple(results), sandbox=self.level, seconds=0.1 * extra_time, exercise_seconds={})


def use_stand_ins(monkeypatch) -> None:
    """Stand-ins in this process, for one test."""
    for name, module in stand_ins().items():
        monkeypatch.setitem(sys.modules, name, module)
        monkeypatch.setattr("autograder." + name.rpartition(".")[2], module, raising=False)


@dataclass
class Collected:
    """What the stand-in of `collect` found."""

    items: list
    skipped: list


def collect(source, unit, course) -> Collected:
    """Every STUDENT.json of a folder."""
    files = sorted((source or course.root / "in").glob("*.json"))
    return Collected([hand_in(f.stem, **json.loads(f.read_text())) for f in files], ["notes.txt is no notebook"])


class Inline:
    """Workers without processes: quick, for what is not about processes."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        run_task.close_benches()

    def run(self, tasks, setting):
        for task in tasks:
            yield run_task.run_task(task, setting, "inline")


def stand_ins() -> dict[str, types.ModuleType]:
    """The modules that stand in for the real ones."""
    modules = {}
    for name, members in {"intake": {"read": read, "collect": collect}, "examine": {"Examiner": Examiner}}.items():
        modules[f"autograder.{name}"] = types.ModuleType(f"autograder.{name}")
        vars(modules[f"autograder.{name}"]).update(members)
    return modules


def main(arguments: list[str]) -> None:
    """A worker, or the command line with such workers."""
    sys.modules.update(stand_ins())
    if arguments[0] != "course":
        from autograder.grade import worker

        worker.main(arguments[0])
        return
    import autograder
    from autograder.cli import main as course
    from autograder.grade import local

    autograder.intake = sys.modules["autograder.intake"]
    local.COMMAND = WORKER
    course(arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])

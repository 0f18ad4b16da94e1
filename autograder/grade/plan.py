"""What a run has to do: which submissions have a stored result, and which must be graded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from autograder.errors import CourseError
from autograder.evidence.results import Graded, Results
from autograder.grade.task import Setting, Task, result_key
from autograder.model.submission import HandedIn


@dataclass(frozen=True)
class Plan:
    """The work of a run.

    Args:
        kept: with a result that still holds.
        todo: to be graded.
        notes: stored results that could not be used, and why.
    """

    kept: tuple[tuple[Task, Graded], ...]
    todo: tuple[Task, ...]
    notes: tuple[str, ...] = ()


def make_plan(items: Sequence[HandedIn], setting: Setting, results: Results, extra_time: Callable[[str], float],
              *, regrade: bool = False) -> Plan:
    """Split the submissions into those that are done and those that are not.

    Args:
        extra_time: factor on all times, by student.
        regrade: grade all of them.
    """
    kept, todo, notes = [], [], []
    for handed_in in map(readable, items):
        factor = extra_time(handed_in.student)
        task = Task(result_key(handed_in, factor, setting), handed_in, factor)
        try:
            graded = None if regrade else results.read(task.key)
        except LookupError:
            graded = None
        except CourseError as error:
            notes.append(str(error))
            graded = None
        if graded is not None and holds(graded, setting.sandbox):
            kept.append((task, graded))
        else:
            todo.append(task)
    return Plan(tuple(kept), tuple(todo), tuple(notes))


def holds(graded: Graded, sandbox: str) -> bool:
    """Whether a stored result may stand: the grader did not fail, and the sandbox was the one that is asked for now."""
    if graded.record.run.get("trouble") is not None:
        return False
    had = graded.record.sandbox
    return had != "none" if sandbox == "auto" else had == sandbox


def readable(handed_in: HandedIn) -> HandedIn:
    """Without the attachments that cannot be read, and with a fault for each."""
    lost = {}
    for name, path in handed_in.attachments.items():
        try:
            path.open("rb").close()
        except OSError as error:
            lost[name] = f"{name} cannot be read: {error.strerror}"
    if not lost:
        return handed_in
    attachments = {name: path for name, path in handed_in.attachments.items() if name not in lost}
    return replace(handed_in, attachments=attachments, faults=(*handed_in.faults, *lost.values()))

"""A whole run: collect, plan, grade what is missing, and put everything on the books."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from autograder.course import Course, Unit
from autograder.errors import CourseError
from autograder.evidence.chain import Chain, chain_file
from autograder.evidence.results import Results, results_folder
from autograder.evidence.secret import evidence_key, grading_seed, seed_key
from autograder.grade.ledger import Entered, Ledger
from autograder.grade.plan import Plan, make_plan
from autograder.grade.spool import spooled
from autograder.grade.task import Outcome, Setting, Task
from autograder.model.assignment import Assignment
from autograder.model.limits import Limits
from autograder.model.submission import HandedIn
from autograder.probes.finding import last_line

if TYPE_CHECKING:
    from autograder.gradebook import Policy

GIVE_UP = 3
"""So many failures of the grader at the start, and no success, end the run."""


class Workers(Protocol):
    """Who does the tasks: processes of this machine, or a Dask cluster."""

    def run(self, tasks: Sequence[Task], setting: Setting) -> Iterator[Outcome]:
        """One outcome per task, in any order."""


@dataclass(frozen=True)
class Options:
    """How to grade.

    Args:
        source: folder or zip of submissions; None: nbgrader's `submitted` folder.
        sandbox: "auto", "bwrap", "docker", "podman" or "none".
        students: only these; empty: all.
        regrade: grade again what has a result.
        db: URL of another gradebook.
        limits: on one submission.
    """

    source: Path | None = None
    sandbox: str = "auto"
    students: tuple[str, ...] = ()
    regrade: bool = False
    db: str | None = None
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Collection:
    """The submissions of a run, what was passed over, and what else to tell the instructor."""

    items: tuple[HandedIn, ...]
    skipped: tuple[str, ...]
    notes: tuple[str, ...] = ()


class Batch:
    """One run over one unit.

    Args:
        course, unit: what to grade.
        options: how.

    Raises:
        CourseError: no such folder, no submission, an unknown student, a faulty unit.
    """

    def __init__(self, course: Course, unit: Unit, options: Options):
        from autograder.gradebook import Policy

        self.course, self.options = course, options
        self.build = course.root / "build"
        self.assignment = Assignment.read(course, unit)
        self._secret = grading_seed(self.build)
        self.policy = Policy.load(course)
        self.setting = Setting.make(
            self.assignment, sandbox=options.sandbox, limits=options.limits,
            seed_key=seed_key(self._secret, unit.name), roots=(course.root,),
        )
        self.results = Results(results_folder(self.build, unit.name), evidence_key(self._secret))
        self.collection = collect(course, unit.name, options, self.policy)

    def plan(self) -> Plan:
        """What has to be done."""
        return make_plan(self.collection.items, self.setting, self.results,
                         lambda student: self.policy.student(student).extra_time, regrade=self.options.regrade)

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """The books, open for writing by this process alone.

        Raises:
            CourseError: another process grades, or the evidence was changed.
        """
        from autograder.gradebook import GradeBook

        with only_one(self.build):
            chain = Chain(chain_file(self.build, self.assignment.name), evidence_key(self._secret))
            with GradeBook(self.course, self.options.db) as gradebook:
                gradebook.ensure(self.assignment)
                yield Ledger(self.setting, self.results, chain, gradebook, gradebook.settings.db_url)

    def run(self, plan: Plan, workers: Workers) -> Iterator[Entered]:
        """Grade what is missing; each submission is on the books when it is yielded.

        Raises:
            CourseError: the grader fails on whatever it is given, so nothing of that was entered.
        """
        outcomes = workers.run(plan.todo, self.setting)  # they get warm while the books are opened
        with self.ledger() as ledger:
            for task, graded in plan.kept:
                yield ledger.enter_kept(task, graded)
            tasks = {task.key: task for task in plan.todo}
            failed: list[Outcome] = []
            for number, outcome in enumerate(outcomes, 1):
                if outcome.trouble is None:
                    yield ledger.enter_outcome(tasks[outcome.key], outcome)
                    continue
                failed.append(outcome)
                if number == len(failed) == GIVE_UP:  # not these submissions: this machine
                    raise CourseError(f"the grader failed on the first {GIVE_UP} submissions: "
                                      + last_line(outcome.trouble), mend="course doctor")
            for outcome in failed:
                yield ledger.enter_outcome(tasks[outcome.key], outcome)


def collect(course: Course, unit: str, options: Options, policy: "Policy") -> Collection:
    """The submissions that were asked for, under the names of grading.toml where the files give none.

    Raises:
        CourseError: there is none, or one of the students has none.
    """
    from autograder import intake

    found: Any = intake.collect(options.source, unit, course)
    items = {item.student: item for item in spooled(found.items, course.root / "build" / "grades")}
    unknown = [student for student in options.students if student not in items]
    if unknown:
        raise CourseError(f"no submission of {', '.join(unknown)} for {unit}",
                          mend="`course grade --dry-run` lists the students")
    chosen = options.students or tuple(items)
    if not chosen:
        raise CourseError(f"no submission for {unit}: " + ("; ".join(found.skipped) or "the folder is empty"),
                          mend="name the folder or zip file with --submissions")
    absent = [student for student in policy.students if student not in items]
    notes = (f"grading.toml names {', '.join(absent)}, who handed in nothing here",) if absent else ()
    return Collection(tuple(named(items[student], policy) for student in chosen), tuple(found.skipped), notes)


def named(item: HandedIn, policy: "Policy") -> HandedIn:
    """The submission under the student's name in grading.toml, if the file gave none but a number."""
    name = policy.student(item.student).name
    unknown = item.name in ("", item.student) or re.fullmatch(r"Participant \d+", item.name)
    return replace(item, name=name) if name and unknown else item


@contextmanager
def only_one(build: Path) -> Iterator[None]:
    """Hold the lock of the course's books; it falls when the process ends, however it ends.

    Raises:
        CourseError: another process holds it.
    """
    from filelock import FileLock, Timeout

    file = build / "grades" / ".lock"
    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise CourseError("another `course grade` is running in this course", file, None, "wait for its end") from None
    try:
        yield
    finally:
        lock.release()

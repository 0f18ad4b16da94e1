"""The one writer: stores results, chains records, fills the gradebook, in this order.

Each step is done once, and each finds what the one before it left: killed between any two of them, the next run goes on
from there.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.evidence.canonical import sha256_of
from autograder.evidence.chain import Chain
from autograder.evidence.record import Conditions, Record, renewed
from autograder.evidence.results import Graded, Results
from autograder.evidence.secret import seed_mark
from autograder.files import write_all
from autograder.grade.task import Outcome, Setting, Task, attachment_hashes
from autograder.model.examination import BROKEN
from autograder.probes.finding import last_line

WITHOUT_SANDBOX = "graded without a sandbox"


@dataclass(frozen=True)
class Entered:
    """A graded submission that is on the books.

    Args:
        graded: the result.
        kept: whether an earlier run had examined it.
        score: points after late penalty and with a person's grades; None where the gradebook was not asked.
        penalty: points taken for lateness.
        problem: why the gradebook refused it, or None.
        put_back: scores in the gradebook that were not those of the record, and were written anew: one sentence each.
    """

    graded: Graded
    kept: bool
    score: float | None = None
    penalty: float = 0.0
    problem: str | None = None
    put_back: tuple[str, ...] = ()


class Ledger:
    """The books of one unit; one process at a time (the caller holds the lock).

    Args:
        setting: of the run.
        results: stored results.
        chain: of the records.
        gradebook: a `GradeBook` in which the unit was ensured.
        database: names the database, so that another one is filled afresh.
    """

    def __init__(self, setting: Setting, results: Results, chain: Chain, gradebook: Any, database: str):
        self._setting, self._results, self._chain = setting, results, chain
        self._gradebook, self._database = gradebook, database
        self._scores: Mapping[str, Mapping[str, Any]] = gradebook.scores(setting.unit)

    def enter_outcome(self, task: Task, outcome: Outcome) -> Entered:
        """Put a fresh outcome on the books."""
        graded = Graded(self._record(task, outcome), outcome.submission.notebook)
        self._results.write(graded)
        return self._enter(task, graded, kept=False)

    def enter_kept(self, task: Task, graded: Graded) -> Entered:
        """Put a stored result on the books, where it is missing or the name, time or origin of the file changed."""
        handed_in = task.handed_in
        now = {name: getattr(handed_in, name) for name in ("name", "received", "origin")}
        if any(getattr(graded.record, name) != value for name, value in now.items()):
            graded = Graded(replace(graded.record, **now), graded.notebook)
            self._results.write(graded)
        return self._enter(task, graded, kept=True)

    def _record(self, task: Task, outcome: Outcome) -> Record:
        setting = self._setting
        conditions = Conditions(
            key=outcome.key, release_sha256=setting.release_sha256, tests_sha256=setting.tests_sha256,
            environment_sha256=setting.versions.environment_sha256, grader=setting.versions.grader,
            seed_hmac=seed_mark(setting.seed_key, task.handed_in.student), limits=asdict(setting.limits),
            extra_time=task.extra_time, attachments_sha256=attachment_hashes(task.handed_in),
            started=outcome.started, worker=outcome.worker, trouble=outcome.trouble,
        )
        return Record.make(setting.unit, outcome.submission, outcome.examination, conditions, _flags(task, outcome))

    def _enter(self, task: Task, graded: Graded, *, kept: bool) -> Entered:
        record = graded.record
        before = self._chain.latest().get(record.student)
        if before is None or renewed(before) | {"run": None} != record.to_json() | {"run": None}:
            self._chain.append(record.to_json())
        mark = sha256_of([record.lasting(), self._database, self._rules(record.student)])
        if self._is_entered(record, mark):
            return Entered(graded, kept)
        changed = self._changed(renewed(before)) if before is not None else ()
        try:
            written = self._gradebook.write(
                graded.submission(), record.examination(), unit=self._setting.unit, data=task.handed_in.data)
        except CourseError as error:
            return Entered(graded, kept, problem=str(error))
        write_all({self._mark_file(record): mark + "\n"})
        return Entered(graded, kept, written.score, written.penalty, put_back=changed)

    def _is_entered(self, record: Record, mark: str) -> bool:
        """Whether the gradebook has this very record: by our mark, and by the scores that stand in it."""
        file = self._mark_file(record)
        if not file.exists() or file.read_text(encoding="ascii", errors="replace").strip() != mark:
            return False
        have = self._scores.get(record.student, {})
        return all(r.grade_id in have and have[r.grade_id].auto == r.score for r in record.results)

    def _changed(self, before: Mapping[str, Any]) -> tuple[str, ...]:
        """Where the gradebook has another score than the record that was entered last: somebody changed it."""
        if not (self._results.folder / f"{before['key']}.entered").exists():  # the run was stopped before it did
            return ()
        have = self._scores.get(before["student"], {})
        recorded = {result["grade_id"]: result["score"] for result in before["verdict"]["results"]}
        return tuple(
            f"the gradebook had {_number(have[name].auto)} for {name}, the record {_number(score)}: put back"
            for name, score in recorded.items() if name in have and have[name].auto != score)

    def _rules(self, student: str) -> str:
        """What the gradebook's penalty depends on: a changed due date is a reason to enter a result again."""
        policy = self._gradebook.policy
        return repr([policy.late, policy.due.get(self._setting.unit), policy.student(student)])

    def _mark_file(self, record: Record) -> Path:
        return self._results.folder / f"{record.key}.entered"


def _number(score: float | None) -> str:
    return "nothing" if score is None else f"{score:g}"


def _flags(task: Task, outcome: Outcome) -> tuple[str, ...]:
    """What a person should look at, beyond what the submission itself says."""
    known = outcome.submission.flags
    flags = [fault for fault in task.handed_in.faults if fault not in known]
    if outcome.trouble is not None:
        flags.append(f"the grader failed: {last_line(outcome.trouble)[:200]}")
    else:
        flags += [f"the check {r.grade_id} itself failed: a fault of the course"
                  for r in outcome.examination.results if r.status == BROKEN]
        if outcome.examination.sandbox == "none":
            flags.append(WITHOUT_SANDBOX)
    return tuple(flags)

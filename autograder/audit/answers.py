"""Named right and wrong answers: tests/units/NN_name/<grade_id>/{right,wrong}_<slug>.py through the graded cells."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.audit.harness import Harness
from autograder.audit.outcome import CHECK_FAILED, PASSED, Job, Outcome
from autograder.audit.report import Count
from autograder.audit.subject import AuditedUnit
from autograder.source import Exercise

MIN_WRONG, MIN_RIGHT = 3, 2
ANSWER_SECONDS = 30.0
TEST_SECONDS = 15.0
FIXED_SEED = "audit"
OTHER_STUDENTS = 2
EXPECT = re.compile(r"^\s*Expect:\s*(.+?)\s*$", re.MULTILINE)
FILE_NAME = re.compile(r"(right|wrong)_[a-z0-9_]+")
IGNORED = ("__pycache__", ".DS_Store")


@dataclass(frozen=True)
class NamedAnswer:
    """One file: `title` is the first line of its docstring, `expect` what the check's message must contain."""

    grade_id: str
    path: Path
    right: bool
    title: str
    expect: str
    code: str

    @property
    def name(self) -> str:
        """The file name without its ending."""
        return self.path.stem


def read_answers(audited: AuditedUnit) -> list[NamedAnswer]:
    """The named answers of a unit; files that cannot serve as one are reported."""
    folder, found = audited.unit.tests, []
    known = {exercise.grade_id for exercise in audited.coded}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if not path.is_dir() or path.name in IGNORED:
            continue
        if path.name not in known:
            audited.report.fail("answers", f"no exercise has the grade_id {path.name!r}", file=path,
                                mend=f"rename the folder to one of {', '.join(sorted(known))}")
            continue
        for file in sorted(path.iterdir()):
            if file.name not in IGNORED and (answer := _read(audited, path.name, file)) is not None:
                found.append(answer)
    return found


def _read(audited: AuditedUnit, grade_id: str, file: Path) -> NamedAnswer | None:
    def refuse(message: str, mend: str, line: int | None = None) -> None:
        audited.report.fail("answers", message, exercise=grade_id, file=file, line=line, mend=mend)

    if file.suffix != ".py" or not FILE_NAME.fullmatch(file.stem):
        return refuse("not a named answer", "call it wrong_<mistake>.py or right_<way>.py")
    code = file.read_text(encoding="utf-8")
    try:
        docstring = ast.get_docstring(ast.parse(code)) or ""
    except SyntaxError as error:
        return refuse(f"not Python: {error.msg}", "mend the code", error.lineno)
    expect = EXPECT.search(docstring)
    right = file.stem.startswith("right_")
    if not docstring.strip():
        return refuse("no docstring", "its first line names the mistake or the way")
    if not right and expect is None:
        return refuse("no line `Expect: …` in the docstring", "add a part of the message that the check should give")
    title = docstring.strip().splitlines()[0]
    return NamedAnswer(grade_id, file, right, title, expect[1] if expect else "", code)


def run_answers(audited: AuditedUnit, harness: Harness, *, seed: str = FIXED_SEED, soak: int = 0,
                on_outcome: Callable[[Outcome], None] | None = None) -> None:
    """Try the solution and every named answer, and write scores, seconds and failures to the report.

    The solution runs twice with the same seed, which must print the same. It and the right answers run with two more,
    as other students would get. Those are the same in every run, so that nobody meets a rare number by chance while
    changing something else; `soak` looks for rare numbers: every answer, wrong ones too, with that many seeds.
    """
    answers = read_answers(audited)
    fresh = [f"{seed}-{i}" for i in range(1, max(OTHER_STUDENTS, soak) + 1)]
    first = [_solution(audited, e, "solution", seed, preload=True) for e in audited.coded]
    outcomes = harness.run(first, on_outcome)
    again = list(enumerate([seed, *fresh]))
    jobs = [_solution(audited, e, f"solution again {i}", one) for e in audited.coded for i, one in again]
    exercises = {e.grade_id: e for e in audited.coded}
    for answer in answers:
        for repeat, one in enumerate([seed, *fresh] if answer.right or soak else [seed]):
            name = f"{answer.name} again {repeat}" if repeat else answer.name
            jobs.append(audited.job(exercises[answer.grade_id], answer.code, name, seed=one, seconds=ANSWER_SECONDS))
    outcomes |= harness.run(jobs, on_outcome)
    seeds = {job.id: job.seed for job in (*first, *jobs)}
    for exercise in audited.coded:
        _judge_solution(audited, exercise, outcomes, seeds)
        _judge_answers(audited, exercise, [a for a in answers if a.grade_id == exercise.grade_id], outcomes, seeds)
    _judge_time(audited)


def solution_passed(audited: AuditedUnit, exercise: Exercise) -> bool:
    """Whether the solution met its own graded cells in `run_answers`."""
    return not any(f.gate == "solution" and f.exercise == exercise.grade_id for f in audited.report.failures)


def _solution(audited: AuditedUnit, exercise: Exercise, name: str, seed: str, *, preload: bool = False) -> Job:
    return audited.job(exercise, exercise.solution.source, name, seed=seed, seconds=2 * ANSWER_SECONDS, preload=preload)


def _judge_solution(audited: AuditedUnit, exercise: Exercise, outcomes: dict, seeds: dict[str, str]) -> None:
    source, line = audited.unit.source, exercise.line
    prefix = f"{exercise.grade_id}/solution"
    runs = [outcome for id, outcome in outcomes.items() if id.startswith(prefix)]
    for outcome in runs:
        trouble = _not_clean(outcome)
        if trouble:
            audited.report.fail(
                "solution", f"the solution does not pass its own graded cells: {trouble}",
                exercise=exercise.grade_id, file=source, line=line,
                mend=f"mend the solution or the check (COURSE_GRADING_SEED={seeds[outcome.id]})",
            )
            break
    once, twice = outcomes[prefix], outcomes[f"{prefix} again 0"]
    if once.stdout != twice.stdout:
        audited.report.fail("same twice", "the graded cells print something else when they run again",
                            exercise=exercise.grade_id, file=source, line=line,
                            mend="draw every random number from the check's rng, and seed torch in the check")
    report = audited.report.exercises[exercise.grade_id]
    report.seconds = twice.seconds
    report.peak_bytes = max(run.peak_bytes for run in runs)


def _judge_answers(audited: AuditedUnit, exercise: Exercise, answers: list[NamedAnswer], outcomes: dict,
                   seeds: dict[str, str]) -> None:
    report, grade_id = audited.report.exercises[exercise.grade_id], exercise.grade_id
    wrong = [a for a in answers if not a.right]
    right = [a for a in answers if a.right]
    for kind, found, least in (("wrong", wrong, MIN_WRONG), ("right", right, MIN_RIGHT)):
        if len(found) < least:
            audited.report.fail("answers", f"{len(found)} {kind} answers, at least {least} are needed",
                                exercise=grade_id, file=audited.unit.tests / grade_id, mend=f"write {kind}_<slug>.py")
    good = {answer.path: True for answer in answers}
    for answer in answers:
        name = f"{grade_id}/{answer.name}"
        for id in (id for id in outcomes if id == name or id.startswith(f"{name} again ")):
            if answer.right:
                fault = _right_fault(answer, outcomes[id])
            else:
                fault = _wrong_fault(answer, outcomes[id], rejected_is_enough=id != name)
            if fault and good[answer.path]:
                good[answer.path] = False
                gate = "right answers" if answer.right else "wrong answers"
                audited.report.fail(gate, fault[0], exercise=grade_id, file=answer.path,
                                    mend=f"{fault[1]} (COURSE_GRADING_SEED={seeds[id]})")
    report.wrong = Count(sum(good[a.path] for a in wrong), len(wrong))
    report.right = Count(sum(good[a.path] for a in right), len(right))


def _wrong_fault(answer: NamedAnswer, outcome: Outcome, *, rejected_is_enough: bool) -> tuple[str, str] | None:
    """What is wrong with how a wrong answer fares. With another seed an earlier check may notice another symptom."""
    if outcome.status == PASSED:
        return f"“{answer.title}” passes", "the check lacks a case that shows this mistake"
    if outcome.status != CHECK_FAILED:
        said = _short(outcome.message)
        return f"“{answer.title}” does not fail a check but breaks elsewhere: {said}", "the check should see it coming"
    if not rejected_is_enough and _plain(answer.expect) not in _plain(outcome.message):
        said = _short(outcome.message)
        return f"“{answer.title}” is told “{said}”, expected “{answer.expect}”", "name this mistake in the check"
    return None


def _right_fault(answer: NamedAnswer, outcome: Outcome) -> tuple[str, str] | None:
    trouble = _not_clean(outcome)
    return (f"“{answer.title}” is rejected: {trouble}", "the check is too strict") if trouble else None


def _not_clean(outcome: Outcome) -> str:
    """Why nbgrader would not give full points, or nothing."""
    if outcome.status != PASSED:
        return f"{outcome.status}: {_short(outcome.message)}"
    if outcome.stderr:
        return f"it writes to stderr, which nbgrader scores 0: {_short(outcome.stderr)}"
    if outcome.value is not None:
        return f"the graded cell ends in the value {outcome.value}, which nbgrader reads as partial credit"
    return ""


def _judge_time(audited: AuditedUnit) -> None:
    audited.report.test_seconds = sum(r.seconds or 0.0 for r in audited.report.exercises.values())
    if audited.report.test_seconds > TEST_SECONDS:
        slowest = max(audited.coded, key=lambda e: audited.report.exercises[e.grade_id].seconds or 0.0)
        audited.report.fail("test time", f"the graded cells take {audited.report.test_seconds:.1f} s, at most "
                            f"{TEST_SECONDS:.0f} s are allowed", file=audited.unit.source, line=slowest.line,
                            exercise=slowest.grade_id, mend="fewer or smaller cases; this exercise is the slowest")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _short(text: str, length: int = 240) -> str:
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1] + "…"

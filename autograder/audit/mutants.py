"""The mutant gate: every small change of a solution against the graded cells, and the record that is kept of it.

tests/units/NN_name/mutants.json    written by `course audit --mutants`, read by every other audit
tests/units/NN_name/survivors.toml  one table per grade_id: mutant key = "why it is equivalent"
"""

import hashlib
import importlib.util
import json
import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.audit.answers import FIXED_SEED, solution_passed
from autograder.audit.harness import Harness
from autograder.audit.mutate import Mutant, mutants
from autograder.audit.outcome import PASSED, Outcome
from autograder.audit.report import Count
from autograder.audit.subject import AuditedUnit
from autograder.files import write_all
from autograder.source import Exercise

LEAST_REJECTED = 0.9
RECORD, SURVIVORS = "mutants.json", "survivors.toml"
SLOWER, LEAST_SECONDS = 5.0, 3.0


@dataclass(frozen=True)
class MutantScore:
    """The record of one exercise: how many of how many mutants were rejected, and the keys of those that were not."""

    fingerprint: str
    total: int
    rejected: int
    survivors: list[str]


def fingerprint(audited: AuditedUnit, exercise: Exercise, changes: list[Mutant]) -> str:
    """A hash of all that the score depends on: solution, graded cells, the unit's checks, checks.core, the mutants."""
    package = importlib.util.find_spec("course_lib.checks")
    checks = Path(package.submodule_search_locations[0])
    name = audited.unit.checks
    # A unit's checks are a module, its siblings (cqt_oracle.py beside cqt.py), or a package.
    files = [checks / f"{name}.py", *sorted((checks / "core").glob("*.py"))]
    files += [*sorted(checks.glob(f"{name}_*.py")), *sorted((checks / name).glob("*.py"))]
    parts = [exercise.solution.source, *(cell.source for cell in exercise.tests), *(change.key for change in changes)]
    parts += [_without_comments(file.read_text(encoding="utf-8")) for file in files if file.is_file()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def run_mutants(audited: AuditedUnit, harness: Harness, *, on_total: Callable[[int], None] = lambda total: None,
                on_outcome: Callable[[Outcome], None] | None = None) -> dict[str, MutantScore]:
    """Try every mutant of every exercise whose solution passes; write the record, and return it by grade_id."""
    changes = {e.grade_id: mutants(e.solution.source) for e in audited.coded}
    jobs = []
    for exercise in audited.coded:
        if not solution_passed(audited, exercise):
            continue
        seconds = audited.report.exercises[exercise.grade_id].seconds or 0.0
        limit = max(LEAST_SECONDS, SLOWER * seconds)
        jobs += [audited.job(exercise, change.source, change.key, seconds=limit, seed=FIXED_SEED)
                 for change in changes[exercise.grade_id]]
    on_total(len(jobs))
    outcomes = harness.run(jobs, on_outcome)
    scores = {}
    for exercise in audited.coded:
        own = changes[exercise.grade_id]
        tried = [(c, outcomes.get(f"{exercise.grade_id}/{c.key}")) for c in own]
        if any(outcome is None for _, outcome in tried):
            continue
        survivors = [change.key for change, outcome in tried if outcome.status == PASSED]
        scores[exercise.grade_id] = MutantScore(
            fingerprint(audited, exercise, own), len(own), len(own) - len(survivors), survivors
        )
    _write(audited, scores)
    return scores


def _write(audited: AuditedUnit, scores: dict[str, MutantScore]) -> None:
    text = json.dumps({name: asdict(score) for name, score in scores.items()}, indent=2, ensure_ascii=False)
    write_all({audited.unit.tests / RECORD: text + "\n"})


def read_record(audited: AuditedUnit) -> dict[str, MutantScore]:
    """The recorded scores; one that is missing or does not belong to the present sources is reported, and left out."""
    file, command = audited.unit.tests / RECORD, f"course audit --mutants {audited.unit.name}"
    try:
        recorded = {name: MutantScore(**entry) for name, entry in json.loads(file.read_text(encoding="utf-8")).items()}
    except FileNotFoundError:
        audited.report.fail("mutants", "no mutants were recorded", file=file, mend=command)
        return {}
    except (ValueError, TypeError, AttributeError):
        audited.report.fail("mutants", "not a record of mutants", file=file, mend=command)
        return {}
    fresh = {}
    for exercise in audited.coded:
        score = recorded.get(exercise.grade_id)
        if score is None or score.fingerprint != fingerprint(audited, exercise, mutants(exercise.solution.source)):
            state = "missing" if score is None else "stale: the solution, its tests or the checks changed"
            audited.report.fail("mutants", f"the recorded score is {state}", exercise=exercise.grade_id, file=file,
                                mend=command)
        else:
            fresh[exercise.grade_id] = score
    for name in sorted(recorded.keys() - {e.grade_id for e in audited.coded}):
        audited.report.fail("mutants", f"a score is recorded for {name!r}, which is no exercise", file=file,
                            mend=command)
    return fresh


def judge(audited: AuditedUnit, scores: dict[str, MutantScore]) -> None:
    """At least nine of ten rejected, and every survivor explained."""
    file = audited.unit.tests / SURVIVORS
    reasons = _reasons(audited, file)
    for name, score in scores.items():
        audited.report.exercises[name].mutants = Count(score.rejected, score.total)
        if score.total and score.rejected < LEAST_REJECTED * score.total:
            some = "; ".join(score.survivors[:3])
            audited.report.fail(
                "mutants", f"{score.rejected} of {score.total} mutants are rejected, at least 90 % are needed: {some}",
                exercise=name, file=audited.unit.source, line=audited.line_of(f'"{name}"'),
                mend="check the cases in which these changes show, or write the solution without what has no effect",
            )
        listed = reasons.get(name, {})
        for key in score.survivors:
            if not str(listed.get(key, "")).strip():
                audited.report.fail("mutants", f"survivor without a reason: {key}", exercise=name, file=file,
                                    mend=f"reject it in the check, or write below [{name}] {_toml(key)} = \"why\"")
        for key in listed.keys() - set(score.survivors):
            audited.report.fail("mutants", f"listed as a survivor, but it is rejected or gone: {key}", exercise=name,
                                file=file, mend="delete this line")


def _reasons(audited: AuditedUnit, file: Path) -> dict[str, dict[str, str]]:
    if not file.exists():
        return {}
    try:
        reasons = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        audited.report.fail("mutants", f"not valid TOML: {error}", file=file, mend="quote keys with ''")
        return {}
    coded = {exercise.grade_id for exercise in audited.coded}
    for name in [name for name, table in reasons.items() if name not in coded or not isinstance(table, dict)]:
        audited.report.fail("mutants", f"[{name}] is not the table of an exercise", file=file,
                            mend=f"name one of {', '.join(sorted(coded))}")
        del reasons[name]
    return reasons


def _toml(key: str) -> str:
    """A key as TOML quotes it."""
    return f"'{key}'" if "'" not in key else json.dumps(key, ensure_ascii=False)


def _without_comments(text: str) -> str:
    """Source without comment lines and blank lines, which cannot change a score."""
    lines = (line.rstrip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.lstrip().startswith("#"))

"""Check the chain of a unit, its stored results and the gradebook against each other, and name what was changed.

The secret of the course is what tells an authentic line from a forged one: whoever can read `build/grading_seed` can
write a new history. Whoever can only write the files cannot. Keep the secret, or a copy of the head, elsewhere if the
instructor's machine is shared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import CourseError
from autograder.evidence.chain import START, Line, Reading, chain_file, head_file, read_chain
from autograder.evidence.differences import differences
from autograder.evidence.record import renewed
from autograder.evidence.results import Graded, Results, results_folder

Scores = Mapping[str, Mapping[str, float | None]]
"""Student → grade_id → automatic score."""


@dataclass(frozen=True)
class Fault:
    """Something that is not as it was written.

    Args:
        kind: "changed", "dropped", "reordered", "repeated", "replaced", "unchained" or "gradebook".
        student: whose record it is, where that is known.
        what: one sentence.
    """

    kind: str
    student: str | None
    what: str


@dataclass(frozen=True)
class Verification:
    """What came out: how many records there are, of how many students, and the faults."""

    unit: str
    records: int
    students: int
    faults: tuple[Fault, ...]
    notes: tuple[str, ...] = ()


def verify(build: Path, unit: str, key: bytes, scores: Scores | None = None) -> Verification:
    """Check everything that is known of one unit.

    Args:
        build: the build folder of the course.
        key: the evidence key.
        scores: automatic scores of the gradebook; None leaves them out.

    Raises:
        CourseError: a file cannot be opened.
    """
    file = chain_file(build, unit)
    reading = read_chain(file, key)
    results = Results(results_folder(build, unit), key)
    stored, faults = _stored(results)
    faults = _chain_faults(reading, file, stored) + faults
    latest = {line.record["student"]: line.record for line in _in_order(reading)}
    faults += _results_faults(latest, stored, reading)
    if scores is not None:
        faults += _gradebook_faults(latest, scores)
    notes = ("the last line is unfinished: the grader was stopped; the next `course grade` mends it",) if (
        reading.torn and not faults) else ()
    return Verification(unit, len(reading.lines), len(latest), tuple(faults), notes)


def _in_order(reading: Reading) -> list[Line]:
    """The authentic lines by their own numbers."""
    return sorted((line for line in reading.lines if line.authentic), key=lambda line: line.number)


def _stored(results: Results) -> tuple[dict[str, Graded], list[Fault]]:
    stored, faults = {}, []
    for name in results.names():
        try:
            stored[name] = results.read(name)
        except CourseError as error:
            faults.append(Fault("changed", None, f"{error.message} ({error.file.name})"))
    return stored, faults


def _chain_faults(reading: Reading, file: Path, stored: Mapping[str, Graded]) -> list[Fault]:
    lines = reading.lines
    if lines and not any(line.authentic for line in lines):
        return [Fault("changed", None, "no line has a valid seal: was build/grading_seed replaced?")]
    faults = [_changed(line, stored) for line in lines if not line.authentic]
    faults += _misplaced(lines)
    faults += _missing(reading)
    if reading.counted is None:
        faults.append(Fault("changed", None, f"the head of the chain ({head_file(file).name}) has no valid seal"))
    return faults


def _changed(line: Line, stored: Mapping[str, Graded]) -> Fault:
    """What was changed in a line without a valid seal, by the stored result where there is one."""
    if line.record is None:
        return Fault("changed", None, f"line {line.at} cannot be read")
    student = str(line.record.get("student"))
    graded = stored.get(str(line.record.get("key"))) or next(
        (g for g in stored.values() if g.record.student == student), None)
    where = f"line {line.at} (record {line.number} of {student}) was changed"
    if graded is None:
        return Fault("changed", student, where)
    places = list(differences(graded.record.to_json(), renewed(line.record)))
    return Fault("changed", student, f"{where}: " + ("; ".join(places) or "its number, its place or its seal"))


def _misplaced(lines: tuple[Line, ...]) -> list[Fault]:
    """Authentic lines that stand twice, before an earlier one, or behind another line than they were written after."""
    faults: list[Fault] = []
    seen: dict[int, Line] = {}
    highest = 0
    for line in (line for line in lines if line.authentic):
        student = str(line.record.get("student"))
        if line.number in seen:
            faults.append(Fault("repeated", student, f"record {line.number} of {student} stands on lines "
                                f"{seen[line.number].at} and {line.at}"))
        elif line.number < highest:
            faults.append(Fault("reordered", student, f"record {line.number} of {student} stands on line {line.at}, "
                                f"behind record {highest}"))
        seen.setdefault(line.number, line)
        highest = max(highest, line.number)
    for number, line in sorted(seen.items()):
        before = seen.get(number - 1)
        if before is not None and line.previous != before.digest:
            student = str(before.record.get("student"))
            faults.append(Fault("replaced", student, f"record {before.number} of {student} is not the one after which "
                                f"record {number} was written: an older state was put back"))
        if number == 1 and line.previous != START:
            faults.append(Fault("replaced", None, "the first record was written after another one"))
    return faults


def _missing(reading: Reading) -> list[Fault]:
    """Numbers that neither an authentic nor a changed line carries."""
    authentic = {line.number for line in reading.lines if line.authentic}
    changed = [line for line in reading.lines if not line.authentic]
    last = max([reading.counted or 0, *authentic])
    gaps = [number for number in range(1, last + 1) if number not in authentic]
    claimed = {line.number for line in changed} & set(gaps)
    gaps = [number for number in gaps if number not in claimed]
    nameless = sum(line.number not in claimed for line in changed)  # unreadable lines fill gaps too
    gaps = gaps[nameless:]
    if not gaps:
        return []
    return [Fault("dropped", None, f"record{'s' * (len(gaps) > 1)} {_ranges(gaps)} dropped")]


def _ranges(numbers: list[int]) -> str:
    """[2, 3, 4, 7] as "2–4, 7"."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def _results_faults(latest: Mapping[str, dict], stored: Mapping[str, Graded], reading: Reading) -> list[Fault]:
    """Records whose verdict is not that of the stored result, and results that never came into the chain."""
    faults = []
    for student, record in latest.items():
        graded = stored.get(record["key"])
        if graded is not None:
            places = list(differences(graded.record.verdict(), renewed(record)["verdict"]))
            if places:
                faults.append(Fault("replaced", student, f"the stored result of {student} is another authentic one: "
                                    + "; ".join(places)))
    chained = {str(line.record.get("student")) for line in reading.lines if line.record is not None}
    for student in sorted({graded.record.student for graded in stored.values()} - chained):
        faults.append(Fault("unchained", student, f"a result of {student} is stored, but there is no record: the "
                            "grader was stopped (then `course grade` writes it), or the record was taken away"))
    return faults


def _gradebook_faults(latest: Mapping[str, dict[str, Any]], scores: Scores) -> list[Fault]:
    faults = []
    for student, record in sorted(latest.items()):
        have = scores.get(student)
        if have is None:
            faults.append(Fault("gradebook", student, f"{student} is not in the gradebook"))
            continue
        for result in record["verdict"]["results"]:
            name, score = result["grade_id"], result["score"]
            if score is None:  # a person's, or nobody's yet
                continue
            if name not in have or have[name] is None:
                faults.append(Fault("gradebook", student, f"{student} has no score for {name}; the record says "
                                    f"{score:g}"))
            elif abs(have[name] - score) > 1e-9:
                faults.append(Fault("gradebook", student, f"{student} has {have[name]:g} for {name}; the record says "
                                    f"{score:g}"))
    for student in sorted(scores.keys() - latest.keys()):
        faults.append(Fault("gradebook", student, f"{student} is in the gradebook, but there is no record"))
    return faults

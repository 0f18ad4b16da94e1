"""What a run leaves behind, as far as it must be the same after any number of interruptions."""

import json
from pathlib import Path

from autograder.course import Course
from autograder.evidence.chain import chain_file
from autograder.evidence.record import Record
from autograder.evidence.results import Results, results_folder
from autograder.evidence.secret import evidence_key, grading_seed
from autograder.evidence.verify import verify
from autograder.grade.verify_cli import gradebook_scores
from autograder.gradebook import GradeBook
from autograder.pages.graded import latest_class

UNIT = "02_mean"


def final_state(course: Course, unit: str = UNIT) -> dict:
    """Verdicts, records without what was measured, the whole gradebook, the graded notebooks, the order-free chain."""
    build = course.root / "build"
    records = latest(course, unit)
    stored = Results(results_folder(build, unit), evidence_key(grading_seed(build)))
    for record in records:
        assert stored.read(record.key).record.lasting() == record.lasting()
    with GradeBook(course) as gradebook:
        totals = sorted(map(repr, gradebook.totals(unit)))
        entries = gradebook.scores(unit)
        notebooks = {r.student: without_ids(gradebook.autograded(r.student, unit)) for r in records}
    return {
        "records": {r.student: r.lasting() for r in records}, "totals": totals, "entries": entries,
        "notebooks": notebooks, "lines": sorted(lines(build, unit)),
    }


def latest(course: Course, unit: str = UNIT) -> list[Record]:
    """Every student's newest record, by student id."""
    return latest_class(course, course.unit(unit))


def without_ids(file: Path) -> str:
    """The text of a graded notebook."""
    return json.dumps([[c["cell_type"], c["source"], c.get("outputs")] for c in json.loads(file.read_text())["cells"]])


def lines(build: Path, unit: str = UNIT) -> list[str]:
    """The student of each line of the chain, in order."""
    text = chain_file(build, unit).read_text()
    return [json.loads(line)["record"]["student"] for line in text.splitlines()]


def faults(course: Course, unit: str = UNIT) -> tuple:
    """What `course verify-grades` finds."""
    build = course.root / "build"
    return verify(build, unit, evidence_key(grading_seed(build)), gradebook_scores(course, unit, None)).faults

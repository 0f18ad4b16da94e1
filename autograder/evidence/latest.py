"""The newest result of every student of a unit: what feedback, reports, exports and similarity start from."""

from pathlib import Path

from autograder.evidence.chain import Chain, chain_file
from autograder.evidence.results import Graded, Results, results_folder
from autograder.evidence.secret import evidence_key, grading_seed


def latest(root: Path, unit: str) -> list[Graded]:
    """The newest result of every student, by student id.

    Args:
        root: folder of the course.

    Raises:
        CourseError: the chain or a result was changed.
    """
    build = root / "build"
    key = evidence_key(grading_seed(build))
    results = Results(results_folder(build, unit), key)
    records = Chain(chain_file(build, unit), key).latest()
    return [results.of(records[student]) for student in sorted(records)]

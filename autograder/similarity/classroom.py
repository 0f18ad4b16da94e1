"""The answers of a graded class, put to the comparison exercise by exercise."""

from collections.abc import Callable, Iterable

from autograder.evidence.record import Record
from autograder.model.assignment import Assignment
from autograder.pages.exercises import Title
from autograder.rules import SCHEME, SOLUTION, regions
from autograder.similarity.compare import Answers, Match, compare
from autograder.stock import solved_answers

__all__ = ["compare_class", "public_solution"]


def compare_class(
    assignment: Assignment, titles: Iterable[Title], records: Iterable[Record],
    on_exercise: Callable[[], None] = lambda: None,
) -> tuple[dict[str, Answers], list[Match]]:
    """The answers by exercise, and every match among them."""
    records = list(records)
    solved, stubs = solved_answers(assignment.solved), solved_answers(assignment.release)
    by_exercise, matches = {}, []
    for title in titles:
        sources = {record.student: record.answers.get(title.grade_id) or "" for record in records}
        answers = Answers(title.grade_id, sources, public_solution(solved[title.grade_id]), stubs[title.grade_id],
                          prose=title.explain)
        by_exercise[title.grade_id] = answers
        matches += compare(answers)
        on_exercise()
    return by_exercise, matches


def public_solution(source: str) -> str:
    """A solution cell without mark scheme and markers."""
    lines = source.split("\n")
    for begin, end in reversed(regions(source, SCHEME)):
        del lines[begin: end + 1]
    text = "\n".join(lines)
    markers = {at for pair in regions(text, SOLUTION) for at in pair}
    return "\n".join(line for at, line in enumerate(lines) if at not in markers)

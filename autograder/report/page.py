"""The report on a class as one HTML page."""

from dataclasses import dataclass

from autograder.course import Course, Unit
from autograder.model.examination import BROKEN, CRASHED, MANUAL, MISSING, PASSED, REFUSED, TIMEOUT, WRONG
from autograder.pages.exercises import Title
from autograder.pages.graded import Marked
from autograder.pages.render import render
from autograder.pages.text import clip
from autograder.pages.words import STATES, State
from autograder.report.plots import score_plot, time_plot
from autograder.report.statistics import (
    ExerciseNumbers,
    class_numbers,
    exercise_numbers,
    flagged,
    mistakes,
    worst,
)

__all__ = ["report_page"]

ORDER = (PASSED, MANUAL, WRONG, CRASHED, TIMEOUT, REFUSED, BROKEN, MISSING)
MOST_MISTAKES = 25
MOST_FLAGGED = 200
MOST_REASONS = 12
MOST_STUDENTS = 2000
SLOWEST = 5


@dataclass(frozen=True)
class Bar:
    """A piece of the bar of an exercise."""

    state: State
    start: int
    count: int


def report_page(course: Course, unit: Unit, titles: tuple[Title, ...], marked: list[Marked]) -> str:
    """For the instructor: it names students."""
    exercises = exercise_numbers(titles, marked)
    flags, said = flagged(titles, marked), mistakes(titles, marked)
    coded = [one for one in exercises if not one.title.explain]
    points = sum(title.points for title in titles)
    by_time = sorted(marked, key=lambda one: -float(one.record.run.get("seconds", 0.0)))
    late = sorted((one for one in marked if one.by_hand.seconds_late > 0), key=lambda one: -one.by_hand.seconds_late)
    ranked = sorted(marked, key=lambda one: (-one.score, one.record.student))
    return render(
        "autograder.report", "report.html.j2",
        course=clip(course.title, 200), unit=unit, numbers=class_numbers(marked), points=points,
        exercises=[(one, _bars(one)) for one in exercises], count=len(marked),
        scores=score_plot([one.score for one in marked], points),
        times=time_plot([one.title.label for one in coded], [one.seconds for one in coded]),
        flagged=flags[:MOST_FLAGGED], flag_count=len(flags), most_reasons=MOST_REASONS,
        mistakes=said[:MOST_MISTAKES], mistake_count=len(said), slowest=by_time[:SLOWEST], late=late,
        students=[(one, [STATES[worst(one, title)] for title in titles]) for one in ranked[:MOST_STUDENTS]],
        names={one.record.student: clip(one.record.name or one.record.student, 80, 1) for one in marked},
        timed=any(one.record.received for one in marked),
    )


def _bars(numbers: ExerciseNumbers) -> list[Bar]:
    bars, start = [], 0
    for status in ORDER:
        count = numbers.states.get(status, 0)
        if count:
            bars.append(Bar(STATES[status], start, count))
            start += count
    return bars

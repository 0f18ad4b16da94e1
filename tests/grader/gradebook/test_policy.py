"""grading.toml: due dates, lateness, extra time; every fault with its line."""

import re

import pytest
from classroom import UNIT, examine, hand_in
from test_book_scores import graded_by_hand

from autograder.errors import CourseError
from autograder.gradebook import GradeBook, Policy
from autograder.gradebook.late import DAY, LateRule

WHOLE = """
[late]
grace_minutes = 10
per_day = 0.1
at_most = 0.5
nothing_after_days = 7

[units.01_gain]
due = 2026-11-30T23:59:00+01:00
canvas_id = 4711

[students.s123]
name = "Anna Meier"
email = "anna@example.org"
extra_time = 1.5
extension_hours = 48

[students."ann@x.org"]
extensions = { 01_gain = 72 }
"""


def policy(course, text):
    (course.root / "grading.toml").write_text(text, encoding="utf-8")
    return Policy.load(course)


def test_all_of_it_is_read(course):
    read = policy(course, WHOLE)
    assert read.late == LateRule(0.1, "score", 0.5, 10, 7)
    assert str(read.due[UNIT]) == "2026-11-30 22:59:00+00:00"
    assert read.canvas == {UNIT: 4711}
    anna = read.student("s123")
    assert (anna.name, anna.email, anna.extra_time) == ("Anna Meier", "anna@example.org", 1.5)
    assert anna.extension(UNIT).total_seconds() == 48 * 3600
    assert read.student("ann@x.org").extension(UNIT).total_seconds() == 72 * 3600
    assert read.student("nobody").extra_time == 1.0
    assert read.student("nobody").extension(UNIT) is None


def test_without_the_file_nothing_is_late_and_nobody_is_special(course):
    assert Policy.load(course) == Policy()


@pytest.mark.parametrize(("line", "says"), [
    ("[late]\nper_day = 10", "per_day = 10 should lie between 0 and 1"),
    ("[late]\nper_day = '10 %'", "per_day of [late] cannot be '10 %'"),
    ("[late]\nof = 'everything'", "of = 'everything'"),
    ("[late]\nper_week = 0.1", "unknown entry 'per_week' → did you mean per_day"),
    ("[units.01_gane]\ndue = 2026-11-30T23:59:00Z", "there is no unit '01_gane' → did you mean 01_gain"),
    ("[units.01_gain]\ndue = 2026-11-30T23:59:00", "has no time zone"),
    ("[units.01_gain]\ndue = '2026-11-30T23:59:00Z'", "without quotation marks"),
    ("[units.01_gain]\ndue = 2026-11-30", "due of [units.01_gain] cannot be"),
    ("[students.ann]\nextra_time = 0.5", "extra_time = 0.5 should lie between 1 and 100"),
    ("[students.ann]\nextra_time = true", "extra_time of [students.ann] cannot be True"),
    ("[students.ann]\nextensions = { 01_gain = 'long' }", "should be a number of hours"),
    ("[students]\nann = 3", "students.ann should be a section"),
    ("[student.ann]\nname = 'Ann'", "unknown section 'student' → did you mean students"),
    ("late = 0.1", "late should be a section"),
    ("[late", "not valid TOML"),
])
def test_faults_are_named_with_their_line(course, line, says):
    with pytest.raises(CourseError) as caught:
        policy(course, "# a comment\n" + line + "\n")
    assert says in str(caught.value)
    assert re.match(r"grading\.toml:[23]: ", str(caught.value))


def test_all_faults_are_told_at_once(course):
    with pytest.raises(CourseError) as caught:
        policy(course, "[late]\nper_day = 3\nat_most = -1\n")
    assert len(str(caught.value).splitlines()) == 2


@pytest.mark.parametrize(("rule", "seconds", "expected"), [
    (LateRule(0.1), 0, 0.0), (LateRule(0.1), 1, 0.8), (LateRule(0.1), DAY, 0.8), (LateRule(0.1), DAY + 1, 1.6),
    (LateRule(0.1, "points"), DAY, 1.0), (LateRule(0.1, at_most=0.25), 30 * DAY, 2.0),
    (LateRule(0.1, grace_minutes=10), 600, 0.0), (LateRule(0.1, grace_minutes=10), 601, 0.8),
    (LateRule(0.1, nothing_after_days=2), 2 * DAY, 1.6), (LateRule(0.1, nothing_after_days=2), 2 * DAY + 1, 8.0),
    (LateRule(0.5, "points"), 30 * DAY, 8.0), (LateRule(), 30 * DAY, 0.0), (LateRule(nothing_after_days=0), 1, 8.0),
])
def test_what_lateness_costs(rule, seconds, expected):
    assert rule.penalty(seconds, 8.0, 10.0) == pytest.approx(expected)


def write(book, assignment, student, received):
    submission = hand_in(assignment, student, received=received)
    return book.write(submission, examine(submission))


def test_lateness_extensions_and_penalty_reach_the_gradebook(course, assignment):
    policy(course, WHOLE)
    with GradeBook(course) as book:
        book.ensure(assignment)
        assert write(book, assignment, "early", "2026-11-30T22:59:00+00:00").penalty == 0.0
        assert write(book, assignment, "grace", "2026-11-30T23:08:59Z").penalty == 0.0
        late = write(book, assignment, "late", "2026-12-01T12:00:00+01:00")
        assert (late.seconds_late, late.penalty) == (12 * 3600 + 60, pytest.approx(0.4))
        assert write(book, assignment, "s123", "2026-12-02T22:59:00Z").penalty == 0.0, "48 hours more"
        assert write(book, assignment, "ann@x.org", "2026-12-03T22:58:00Z").seconds_late == 0.0, "72 hours more"
        assert write(book, assignment, "unknown", None).penalty == 0.0
        graded_by_hand(book, "late", "explain_gain", 2.0)
        totals = {t.student: t for t in book.totals(UNIT)}
        assert (totals["late"].penalty, totals["late"].final) == (pytest.approx(0.6), pytest.approx(5.4))
        assert (totals["s123"].first_name, totals["s123"].last_name, totals["s123"].email) == (
            "Anna", "Meier", "anna@example.org")

    policy(course, WHOLE.replace("2026-11-30T23:59", "2026-12-05T23:59"))  # the date moved after the grading
    with GradeBook(course) as book:
        book.ensure(assignment)
        assert {t.penalty for t in book.totals(UNIT)} == {0.0}


def test_a_due_date_given_in_formgrader_counts_when_the_file_names_none(course, assignment):
    policy(course, "[late]\nper_day = 0.5\n[students.ann]\nextension_hours = 1\n")
    with GradeBook(course) as book:
        book.ensure(assignment)
        assert write(book, assignment, "ann", "2026-12-01T12:00:00Z").penalty == 0.0, "no due date yet, an extension"
        with book._database.transaction() as gradebook:
            gradebook.update_or_create_assignment(UNIT, duedate="2026-12-01 11:30:00 UTC")
        book.ensure(assignment)
        assert write(book, assignment, "bob", "2026-12-01T12:00:00Z").penalty == pytest.approx(2.0)
        assert write(book, assignment, "ann", "2026-12-01T12:00:00Z").penalty == 0.0


def test_a_time_that_cannot_be_read_is_refused(book, assignment):
    submission = hand_in(assignment, "ann", received="yesterday")
    with pytest.raises(CourseError, match="cannot be read: 'yesterday'"):
        book.write(submission, examine(submission))

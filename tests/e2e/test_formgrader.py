"""A graded class in formgrader: the scores are ours, a person grades a question in words, the total changes."""

import copy
import hashlib

import pytest
from checkout import answer
from playwright.sync_api import expect

from autograder.course import Course
from autograder.gradebook import GradeBook
from autograder.model.assignment import Assignment
from autograder.model.examination import MANUAL, PASSED, WRONG, CheckResult, Examination
from autograder.model.submission import Repair, Submission

pytestmark = pytest.mark.browser

UNIT = "00_start"
TEACH = True
SAID = "You seem to count in power: 10·log10 where amplitudes need 20·log10. <b>Look</b> at the factor."
COMMENT = "Right about the factor. What about silence?"
ATTACK = (
    "A level of 0 dBFS is the largest one.\n\n<script>window.attacked = 1</script>\n\n"
    '<img src="x" onerror="window.attacked = 1">\n\n[read more](javascript:window.attacked=1)\n\n'
    "![page](attachment:lost.png) and math: $a < b$ and $-6$ dB is about $1/2$."
)


def grade(book: GradeBook, assignment: Assignment, student: str, name: str, *, wrong: str = "", words: str = "",
          repairs: tuple[Repair, ...] = ()) -> float:
    """Enter a submission whose coded exercises pass, but for `wrong`; questions are answered with `words`."""
    answers = {e.grade_id: words or "Half the amplitude." for e in assignment.explained}
    answers |= {e.grade_id: answer(UNIT, e.grade_id, "wrong" if e.grade_id == wrong else "right")[0]
                for e in assignment.coded}
    notebook = copy.deepcopy(assignment.release)
    for cell in notebook.cells:
        cell.source = answers.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    results = []
    for exercise in assignment.exercises:
        if exercise.manual:
            results.append(CheckResult(exercise.grade_id, exercise.grade_id, exercise.points, None, MANUAL))
        for cell in exercise.tests:
            name_, points = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
            good = exercise.grade_id != wrong
            results.append(CheckResult(
                name_, exercise.grade_id, points, points if good else 0.0, PASSED if good else WRONG,
                "" if good else SAID, f"✓ {exercise.grade_id}: 20 signals" if good else ""))
    sha256 = hashlib.sha256(repr(answers).encode()).hexdigest()
    submission = Submission(student, name, sha256, (), answers, repairs, notebook, "2026-11-20T10:00:00Z")
    return book.write(submission, Examination(tuple(results))).score


@pytest.fixture(scope="module")
def graded(lab):
    """The class in the gradebook of the copied checkout: gradebook, unit, score of each student."""
    course = Course.load(lab.root)
    assignment = Assignment.read(course, course.unit(UNIT))
    with GradeBook(course) as book:
        book.ensure(assignment)
        coded = assignment.coded[0].grade_id
        repair = Repair(f"The cell of {coded} was found by its text: its metadata was gone.", coded)
        yield book, assignment, {
            "s1": grade(book, assignment, "s1", "Ann Lee"),
            "s2": grade(book, assignment, "s2", "Bob Roe", wrong=coded, words=ATTACK, repairs=(repair,)),
            "s3": grade(book, assignment, "s3", "Zoë Adams"),
        }


def total(book: GradeBook, student: str) -> float:
    return next(t.final for t in book.totals(UNIT) if t.student == student)


def test_a_question_graded_by_hand_changes_the_total(page, lab, graded, pictures):
    book, assignment, scores = graded
    question = assignment.explained[0]
    page.goto(lab.page("formgrader/manage_assignments"))
    row = page.get_by_role("row").filter(has_text=UNIT)
    expect(row.locator(".num-submissions")).to_have_text("3", timeout=30_000)
    page.screenshot(path=str(pictures / "20_formgrader_class.png"))
    row.locator(".num-submissions a").click()
    for student, name in {"s1": "Lee, Ann", "s2": "Roe, Bob", "s3": "Adams, Zoë"}.items():
        line = page.get_by_role("row").filter(has_text=name)
        expect(line).to_contain_text(f"{scores[student]:g} / {assignment.points:g}", timeout=30_000)
        expect(line).to_contain_text("needs manual grading")
    page.screenshot(path=str(pictures / "21_formgrader_submissions.png"))

    with book._database.transaction() as gradebook:
        submission = gradebook.find_submission_notebook(UNIT, UNIT, "s2").id
    page.goto(f"{lab.url}formgrader/submissions/{submission}/")
    field = page.locator(f"input#{question.grade_id}")
    expect(field).to_have_class("score tabbable needs_manual_grade", timeout=60_000)
    field.scroll_into_view_if_needed()
    words = page.locator(f"textarea#{question.grade_id}-comment")
    for place, text, kind in ((field, f"{question.points / 2:g}", "grade"), (words, COMMENT, "comment")):
        with page.expect_response(lambda r, kind=kind: f"/api/{kind}/" in r.url and r.request.method == "PUT") as saved:
            place.fill(text)
            place.blur()
        assert saved.value.ok
    expect(field).not_to_have_class("score tabbable needs_manual_grade")
    page.wait_for_timeout(1500)  # the tick of a saved score fades
    page.screenshot(path=str(pictures / "22_formgrader_explain.png"))

    assert total(book, "s2") == scores["s2"] + question.points / 2
    assert book.comments(UNIT)["s2"][question.grade_id] == COMMENT
    page.goto(f"{lab.url}formgrader/gradebook/{UNIT}/{UNIT}")
    expect(page.locator("table").get_by_role("row")).to_have_count(4, timeout=30_000)
    expect(page.get_by_text(f"{scores['s2'] + question.points / 2:g} / {assignment.points:g}")).to_have_count(1)
    page.screenshot(path=str(pictures / "23_formgrader_gradebook.png"))
    # The same submission graded again: the person's grade stays.
    coded = assignment.coded[0].grade_id
    grade(book, assignment, "s2", "Bob Roe", wrong=coded, words=ATTACK)
    assert total(book, "s2") == scores["s2"] + question.points / 2


def test_the_teaching_message_is_there_and_nothing_of_the_student_runs(page, lab, graded, pictures):
    book, assignment, _ = graded
    with book._database.transaction() as gradebook:
        submission = gradebook.find_submission_notebook(UNIT, UNIT, "s2").id
    page.goto(lab.page("formgrader/manage_assignments"))  # logs in: the page of a submission alone would not
    page.goto(f"{lab.url}formgrader/submissions/{submission}/")
    message = page.get_by_text("You seem to count in power", exact=False)
    expect(message).to_be_visible(timeout=60_000)
    expect(message).to_contain_text("<b>Look</b>")
    expect(page.locator(f"input#test_{assignment.coded[0].grade_id}")).to_have_attribute("placeholder", "0")
    message.scroll_into_view_if_needed()
    page.screenshot(path=str(pictures / "24_formgrader_message.png"))
    expect(page.get_by_text("<\u200bscript>window.attacked", exact=False)).to_be_visible()
    for link in page.get_by_role("link", name="read more").all():
        link.click()
    assert page.evaluate("window.attacked") is None
    assert "HIDDEN TESTS" not in page.content()

"""Scores reach nbgrader's own tables, as often as one likes, and a person's grade survives."""

import sqlite3
import stat
from dataclasses import replace

import pytest
from classroom import SOURCE, UNIT, examine, hand_in, make_course, read_assignment

from autograder.errors import CourseError
from autograder.gradebook import Entry, GradeBook
from autograder.model.examination import BROKEN, REFUSED, CheckResult, Examination
from autograder.model.submission import Repair


def graded_by_hand(book, student, cell, score, comment=None):
    """What formgrader does when a person types a score (and a comment)."""
    with book._database.transaction() as gradebook:
        grade = gradebook.find_grade(cell, UNIT, UNIT, student)
        grade.manual_score, grade.needs_manual_grade = score, False
        if comment:
            gradebook.find_comment(cell, UNIT, UNIT, student).manual_comment = comment


def dump(book):
    with sqlite3.connect(book.settings.db_url.removeprefix("sqlite:///")) as database:
        return sorted(database.iterdump())


def test_scores_of_right_wrong_and_missing_answers(book, assignment):
    ann = hand_in(assignment, "ann", name="Ann Lee")
    bob = hand_in(assignment, "bob", scale="def scale(x, g): return x", mute=None, explain_gain=None)
    written = book.write(ann, examine(ann))
    assert (written.score, written.points, written.waiting) == (4.0, 6.0, ("explain_gain",))
    written = book.write(bob, examine(bob, test_scale="you returned x itself"))
    assert (written.score, written.waiting) == (0.0, ())
    scores = book.scores(UNIT)
    assert scores["ann"] == {"test_scale": Entry(2.0), "test_mute": Entry(1.0), "test_mute_empty": Entry(1.0),
                             "explain_gain": Entry(None, waits=True)}
    assert set(scores["bob"].values()) == {Entry(0.0)}


def test_nbgrader_reads_the_same(book, assignment, course):
    from nbgrader.api import Gradebook

    ann = hand_in(assignment, "ann", name="Meier, Ann", mute=None)
    book.write(ann, examine(ann))
    graded_by_hand(book, "ann", "explain_gain", 1.5)
    with Gradebook(f"sqlite:///{course.root / 'build/gradebook.db'}", "deep_audio") as gradebook:
        assert [(s.id, s.first_name, s.last_name) for s in gradebook.students] == [("ann", "Ann", "Meier")]
        submission = gradebook.find_submission(UNIT, "ann")
        assert (submission.score, submission.max_score, submission.written_score) == (3.5, 6.0, 1.5)
        assert not submission.needs_manual_grade
        notebook = submission.notebooks[0]
        assert notebook.failed_tests
        comments = {c.name: c.comment for c in notebook.comments}
        assert comments == {"scale": None, "mute": "No response.", "explain_gain": None}
        assert gradebook.find_assignment(UNIT).max_score == 6.0


def test_writing_again_changes_nothing(book, assignment):
    for student in ("ann", "bob"):
        submission = hand_in(assignment, student, received="2026-11-20T10:00:00+01:00")
        book.write(submission, examine(submission, test_mute="wrong"))
    before = dump(book)
    assert len(before) > 30
    files = {p: p.read_bytes() for p in book.settings.autograded.rglob("*.*")}
    assert len(files) == 2
    with GradeBook(book.course) as again:
        again.ensure(assignment)
        for student in ("bob", "ann"):
            submission = hand_in(assignment, student, received="2026-11-20T10:00:00+01:00")
            again.write(submission, examine(submission, test_mute="wrong"))
    assert dump(book) == before
    assert {p: p.read_bytes() for p in book.settings.autograded.rglob("*.*")} == files


def test_a_grade_given_by_hand_stays_while_the_answer_stays(book, assignment):
    first = hand_in(assignment, "ann")
    book.write(first, examine(first))
    graded_by_hand(book, "ann", "explain_gain", 2.0, "Well said.")
    again = hand_in(assignment, "ann", mute="def mute(x): return 0")  # another answer changed
    written = book.write(again, examine(again, test_mute="a number is no signal"))
    assert (written.score, written.waiting, written.dropped) == (5.0, (), ())
    assert book.scores(UNIT)["ann"]["explain_gain"] == Entry(None, 2.0, None, False)


def test_a_grade_given_by_hand_falls_with_its_answer(book, assignment):
    first = hand_in(assignment, "ann")
    book.write(first, examine(first))
    graded_by_hand(book, "ann", "explain_gain", 2.0, "Well said.")
    again = hand_in(assignment, "ann", explain_gain="I do not know.")
    written = book.write(again, examine(again))
    assert (written.score, written.waiting, written.dropped) == (4.0, ("explain_gain",), ("explain_gain",))
    with book._database.transaction() as gradebook:
        assert gradebook.find_comment("explain_gain", UNIT, UNIT, "ann").comment == "Well said.", "words are not lost"


def test_a_grade_given_by_hand_waits_for_a_look_when_nothing_tells_what_it_was_given_to(book, assignment):
    submission = hand_in(assignment, "ann")
    book.write(submission, examine(submission))
    graded_by_hand(book, "ann", "explain_gain", 2.0)
    book.autograded("ann", UNIT).unlink()
    written = book.write(submission, examine(submission))
    assert book.scores(UNIT)["ann"]["explain_gain"] == Entry(None, 2.0, None, True)
    assert written.score == 6.0


def test_a_new_database_beside_old_notebooks_is_filled_as_if_nothing_were_known(book, assignment):
    other = book.course.root / "build/other.db"
    other.write_bytes((book.course.root / "build/gradebook.db").read_bytes())
    submission = hand_in(assignment, "ann", repairs=(Repair("Two cells define `mute`.", "mute", doubtful=True),))
    expected = book.write(submission, examine(submission))
    with GradeBook(book.course, f"sqlite:///{other}") as new:
        new.ensure(assignment)
        assert new.write(submission, examine(submission)) == expected
        assert new.totals(UNIT) == book.totals(UNIT)


def test_a_check_that_was_mended_asks_the_person_who_overruled_it(book, assignment):
    submission = hand_in(assignment, "ann")
    book.write(submission, examine(submission, test_scale="wrong"))
    graded_by_hand(book, "ann", "test_scale", 1.0)
    assert book.write(submission, examine(submission, test_scale="wrong")).waiting == ("explain_gain",)
    written = book.write(submission, examine(submission))
    assert book.scores(UNIT)["ann"]["test_scale"] == Entry(2.0, 1.0, None, True)
    assert written.score == 3.0


def test_doubts_wait_for_a_person_until_one_has_looked(book, assignment):
    repairs = (Repair("Two cells define `mute`; the last one counts.", "mute", doubtful=True),
               Repair("The cell of `scale` was found by its text.", "scale"))
    submission = hand_in(assignment, "ann", repairs=repairs)
    written = book.write(submission, examine(submission))
    assert written.waiting == ("test_mute", "test_mute_empty", "explain_gain")
    assert written.score == 4.0
    assert [t.flagged for t in book.totals(UNIT)] == [True]
    with book._database.transaction() as gradebook:
        comment = gradebook.find_comment("scale", UNIT, UNIT, "ann").comment
        assert comment == "The cell of `scale` was found by its text."
        notebook = gradebook.find_submission_notebook(UNIT, UNIT, "ann")
        notebook.flagged = False
    graded_by_hand(book, "ann", "test_mute", None)
    assert book.write(submission, examine(submission)).waiting == ("test_mute_empty", "explain_gain")
    assert [t.flagged for t in book.totals(UNIT)] == [False]


def test_a_doubt_that_comes_later_is_shown_though_the_answer_is_the_same(book, assignment):
    submission = hand_in(assignment, "ann")
    book.write(submission, examine(submission))
    graded_by_hand(book, "ann", "explain_gain", 2.0)
    doubted = replace(submission, repairs=(Repair("Two cells define `mute`.", "mute", doubtful=True),))
    assert book.write(doubted, examine(doubted)).waiting == ("test_mute", "test_mute_empty")
    total, = book.totals(UNIT)
    assert (total.flagged, total.score) == (True, 6.0)


def test_a_broken_check_gives_no_score_and_waits(book, assignment):
    submission = hand_in(assignment, "ann")
    broken = CheckResult("test_scale", "scale", 2.0, None, BROKEN, "")
    assert book.write(submission, examine(submission, test_scale=broken)).waiting == ("test_scale", "explain_gain")
    assert book.write(submission, examine(submission)).waiting == ("explain_gain",)


def test_a_refused_file_scores_nothing_and_is_flagged(book, assignment):
    submission = hand_in(assignment, "ann", refused="The file is not a notebook.")
    results = tuple(replace(r, status=REFUSED) for r in examine(submission).results)
    assert book.write(submission, Examination(results)).score == 0.0
    total, = book.totals(UNIT)
    assert (total.flagged, total.waits, total.final) == (True, True, 0.0)
    mended = hand_in(assignment, "ann", mute=None)
    assert book.write(mended, examine(mended)).waiting == ("explain_gain",), "the exercise left out waits no longer"
    assert not book.totals(UNIT)[0].flagged


def test_ids_that_would_be_folders_or_markup_are_refused(book, assignment):
    for student in ("../e", "a/b", "", ".", "..", "-rf", "x" * 128, "a\nb", "<b>", 'a"b', "a*", "eve ", "a\\b", "a'b"):
        submission = hand_in(assignment, student)
        with pytest.raises(CourseError, match="cannot be a student's id"):
            book.write(submission, examine(submission))
    assert book.scores(UNIT) == {}
    assert not book.settings.autograded.exists()


def test_ids_that_platforms_give_are_accepted(book, assignment):
    ids = ["s123", "anna.meier@example.org", "Zoë-2", "山田", "A B"]
    for student in ids:
        submission = hand_in(assignment, student, name='<img src=x onerror="alert(1)"> Meier')
        book.write(submission, examine(submission))
    totals = book.totals(UNIT)
    assert sorted(t.student for t in totals) == sorted(ids)
    assert not set("<>\"") & set("".join(t.first_name + t.last_name for t in totals))


def test_results_of_another_unit_are_refused_whole(book, assignment):
    submission = hand_in(assignment, "ann")
    with pytest.raises(CourseError, match="do not fit the cells"):
        book.write(submission, Examination(examine(submission).results[1:]))
    assert book.scores(UNIT) == {}, "nothing was half written"


def test_a_fault_in_the_middle_leaves_nothing_behind(book, assignment, monkeypatch):
    from autograder.gradebook import rows

    submission = hand_in(assignment, "ann")
    before = dump(book)

    def fail(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(rows, "comment_on", fail)
        with pytest.raises(KeyboardInterrupt):
            book.write(submission, examine(submission))
    assert dump(book) == before
    assert book.write(submission, examine(submission)).score == 4.0


def test_points_that_changed_reach_the_gradebook_and_new_exercises_are_refused(book, assignment):
    submission = hand_in(assignment, "ann")
    book.write(submission, examine(submission))
    richer = make_course(book.course.root, SOURCE.replace('"test_mute", "points": 1', '"test_mute", "points": 2')
                         .replace('"test_scale", "points": 2', '"test_scale", "points": 1'))
    book.ensure(read_assignment(richer))
    with book._database.transaction() as gradebook:
        assert gradebook.find_grade_cell("test_mute", UNIT, UNIT).max_score == 2.0
    more = make_course(book.course.root, SOURCE.replace('"test_mute_empty"', '"test_mute_nothing"'))
    with pytest.raises(CourseError, match="added, removed or renamed"):
        book.ensure(read_assignment(more))


def test_a_graded_notebook_that_nbgrader_made_read_only_is_replaced(book, assignment):
    submission = hand_in(assignment, "ann")
    book.write(submission, examine(submission))
    path = book.autograded("ann", UNIT)
    path.chmod(stat.S_IRUSR)
    assert book.write(submission, examine(submission, test_mute="wrong")).score == 3.0
    assert "CheckFailed" in path.read_text()


def test_the_secret_of_the_course_does_not_stay_in_the_environment(course, monkeypatch):
    import os

    monkeypatch.delenv("COURSE_GRADING_SEED", raising=False)
    GradeBook(course).close()
    assert "COURSE_GRADING_SEED" not in os.environ


def test_a_wrong_url_is_one_sentence_without_the_password(course):
    for url in ("nonsense", "nosuch://a:hidden@b/c", "postgresql://me:hidden@127.0.0.1:1/x"):
        with pytest.raises(CourseError) as caught:
            GradeBook(course, url)
        assert "hidden" not in str(caught.value)
        assert caught.value.mend


def test_a_locked_database_is_a_sentence(book, assignment):
    submission = hand_in(assignment, "ann")
    with GradeBook(book.course, f"{book.settings.db_url}?timeout=0.1") as impatient:
        impatient.ensure(assignment)
        other = sqlite3.connect(book.settings.db_url.removeprefix("sqlite:///"))
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(CourseError, match="locked → another program is writing to it: try again"):
            impatient.write(submission, examine(submission))
        other.rollback()
        other.close()
        assert impatient.write(submission, examine(submission)).score == 4.0


def test_a_damaged_database_is_a_sentence(course):
    (course.root / "build/gradebook.db").write_bytes(b"this is no database, whatever its name says" * 100)
    with pytest.raises(CourseError, match="put a backup in its place"):
        GradeBook(course)


def test_a_submission_that_another_tool_entered_without_cells(book, assignment):
    with book._database.transaction() as gradebook:
        gradebook.add_student("ann")
        for notebook in gradebook.add_submission(UNIT, "ann").notebooks:
            for row in [*notebook.grades, *notebook.comments, notebook]:
                gradebook.db.delete(row)
    submission = hand_in(assignment, "ann")
    assert book.write(submission, examine(submission)).score == 4.0


def test_the_examples_in_the_docstrings_hold():
    import doctest

    from autograder.export import table
    from autograder.gradebook import late, people

    for module in (late, people, table):
        result = doctest.testmod(module)
        assert result.attempted
        assert not result.failed

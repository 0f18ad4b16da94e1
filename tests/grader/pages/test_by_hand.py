"""What people wrote in formgrader, read from nbgrader's own database."""

import os
import sys
from datetime import datetime
from pathlib import Path

import pytest
from graded_class import UNIT, record, small_class, write_records

from autograder.errors import CourseError
from autograder.pages.by_hand import ByHand, HandGrade, read_by_hand
from autograder.pages.graded import read_class


@pytest.fixture
def database(tmp_path, monkeypatch):
    """A gradebook with one unit and two students, one of them graded by a person."""
    from nbgrader.api import Gradebook

    # nbgrader calls `alembic` by name: it lies beside this Python.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(url, "deep_audio") as book:
        for unit in (UNIT, "12_ctc"):
            book.add_assignment(unit, duedate=datetime(2026, 11, 20, 12))
            book.add_notebook(unit, unit)
            book.add_grade_cell("test_stft", unit, unit, max_score=3, cell_type="code")
            book.add_grade_cell("explain_window", unit, unit, max_score=1, cell_type="markdown")
            book.add_solution_cell("stft", unit, unit)
            book.add_solution_cell("explain_window", unit, unit)
        for student in ("s1", "s2"):
            book.add_student(student)
            book.add_submission(UNIT, student, timestamp=datetime(2026, 11, 20, 13))
        book.add_submission("12_ctc", "s1")
        notebook = book.find_submission_notebook(UNIT, UNIT, "s1")
        notebook.late_submission_penalty = 0.5
        grade = book.find_grade("explain_window", UNIT, UNIT, "s1")
        grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 0.5, 0.25, False
        grade = book.find_grade("test_stft", UNIT, UNIT, "s1")
        grade.auto_score, grade.extra_credit, grade.needs_manual_grade = 3.0, 1.0, False
        book.find_comment("explain_window", UNIT, UNIT, "s1").manual_comment = "Why 0.8 s?"
        book.find_comment("stft", UNIT, UNIT, "s1").auto_comment = "No response."
        book.find_grade("explain_window", "12_ctc", "12_ctc", "s1").manual_score = 1.0
        book.db.commit()
    return url


def test_scores_comments_and_lateness(database):
    found = read_by_hand(UNIT, database)
    assert set(found) == {"s1", "s2"}
    one = found["s1"]
    assert one.grades["explain_window"] == HandGrade(0.75, 0.25, "Why 0.8 s?", False)
    assert one.grades["test_stft"] == HandGrade(None, 1.0, "", False)
    assert one.comments == {"explain_window": "Why 0.8 s?"}  # nbgrader's own "No response." is not a person's
    assert (one.seconds_late, one.penalty) == (3600, 0.5)
    assert found["s2"].grades["explain_window"] == HandGrade(None, 0.0, "", True)


def test_without_a_database_or_the_unit_nothing_was_written(tmp_path, database):
    missing = tmp_path / "missing.db"
    assert read_by_hand(UNIT, f"sqlite:///{missing}") == {}
    assert not missing.exists()
    assert read_by_hand("19_tasnet", database) == {}
    assert ByHand() == ByHand({}, {}, 0.0, 0.0)


def test_a_file_that_is_no_database_is_an_error(tmp_path):
    (tmp_path / "broken.db").write_bytes(b"not a database at all, not a database at all" * 100)
    with pytest.raises(CourseError, match="the gradebook cannot be read"):
        read_by_hand(UNIT, f"sqlite:///{tmp_path / 'broken.db'}")


@pytest.mark.parametrize("url", ["hunter2 is my password", "unheard://me:hunter2@host/db", ""])
def test_a_bad_url_is_not_repeated(url):
    with pytest.raises(CourseError, match="no database URL") as said:
        read_by_hand(UNIT, url)
    assert "hunter2" not in str(said.value)


def test_the_class_is_read_with_what_people_gave(course, given, database):
    write_records(course, [*small_class(given)[:2], record(given, "s1")])
    known = {one.record.student: one for one in read_class(course, course.unit(UNIT), db_url=database)}
    assert known["s1"].score == 3 + 1 + 9 + 0.75 - 0.5  # stft with extra credit, the other checks, the question, late
    assert [result.grade_id for result in known["s1"].waiting] == ["explain_phase"]
    assert known["s1042"].by_hand == ByHand()

"""nbgrader's own commands on what we wrote: feedback pages and the table show the gradebook's scores."""

import csv
import os
import re
import subprocess
import sys

import nbformat
import pytest
from classroom import UNIT, examine, hand_in
from test_book_scores import graded_by_hand

pytestmark = pytest.mark.slow


def nbgrader(root, *arguments):
    """Run a stock command in the course; its log, if it succeeded."""
    folders = {key: str(root / "jupyter") for key in ("JUPYTER_DATA_DIR", "JUPYTER_CONFIG_DIR", "IPYTHONDIR")}
    env = os.environ | folders
    done = subprocess.run([sys.executable, "-m", "nbgrader", *arguments], cwd=root, env=env, text=True, timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.fixture
def graded(book, assignment):
    """Two students; a person has graded one question."""
    ann = hand_in(assignment, "ann", name="Ann Lee", received="2026-11-20T10:00:00Z")
    bob = hand_in(assignment, "bob", name="Bob Roe", mute=None, scale="def scale(x, g): return x",
                  explain_gain="<script>alert(1)</script> no idea")
    book.write(ann, examine(ann))
    book.write(bob, examine(bob, test_scale="you returned x itself <script>alert(1)</script>"))
    graded_by_hand(book, "ann", "explain_gain", 1.5, "The logarithm is there, the product is not.")
    return book


def test_feedback_and_export_show_the_scores(graded, course):
    nbgrader(course.root, "generate_feedback", UNIT)
    ann, bob = (
        (course.root / f"build/feedback/{student}/{UNIT}/{UNIT}.html").read_text() for student in ("ann", "bob"))
    assert re.search(rf"{UNIT} \(Score: 5\.5 / 6\.0\)", ann)
    assert "The logarithm is there, the product is not." in ann
    assert re.search(rf"{UNIT} \(Score: 0\.0 / 6\.0\)", bob)
    assert "you returned x itself" in bob
    assert "<script>alert" not in bob
    assert "secret_gain" not in ann + bob

    nbgrader(course.root, "export", "--to", "grades.csv")
    with open(course.root / "grades.csv", newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert {s: float(r["score"]) for s, r in rows.items()} == {"ann": 5.5, "bob": 0.0}
    assert {s: r["timestamp"] for s, r in rows.items()} == {"ann": "2026-11-20 10:00:00", "bob": ""}
    assert rows["ann"]["last_name"] == "Lee"


def test_generate_assignment_finds_nothing_to_change_and_formgrader_calls_all_graded(graded, course, assignment):
    from nbgrader.apps.api import NbGraderAPI
    from nbgrader.coursedir import CourseDirectory

    nbformat.write(assignment.solved, course.unit(UNIT).solved)
    before = graded.scores(UNIT)
    nbgrader(course.root, "generate_assignment", UNIT, "--force")
    assert graded.scores(UNIT) == before
    folder = CourseDirectory(root=str(course.root), db_url=graded.settings.db_url, course_id="deep_audio",
                             submitted_directory="build/submitted", autograded_directory="build/autograded",
                             source_directory="solutions", release_directory="notebooks")
    api = NbGraderAPI(coursedir=folder)
    shown = {s["student"]: (s["autograded"], s["score"], s["needs_manual_grade"]) for s in api.get_submissions(UNIT)}
    assert shown == {"ann": (True, 5.5, False), "bob": (True, 0.0, True)}
    assert api.get_assignment(UNIT)["num_submissions"] == 2

"""`course export`: tables that Canvas and Moodle take, in which no cell is a formula and no half grade slips out."""

import csv
import io
from dataclasses import replace

import pytest
from classroom import CELLS, UNIT, examine, hand_in
from test_book_scores import graded_by_hand

from autograder.cli import main
from autograder.evidence.chain import Chain, chain_file
from autograder.evidence.record import Conditions, Record
from autograder.evidence.secret import evidence_key, grading_seed
from autograder.export.table import csv_text, points, read_csv, safe
from autograder.model.examination import REFUSED, TIMEOUT, CheckResult, Examination
from autograder.model.submission import Repair


@pytest.fixture
def graded(book, assignment):
    """Three students: one done, one whose question waits, one with a name that is a formula."""
    for student, name in {"71": "Ann Lee", "72": "Bob Roe", "eve": "=HYPERLINK(1) Eve"}.items():
        answers = {"explain_gain": None} if student == "eve" else {}
        submission = hand_in(assignment, student, name=name, **answers)
        book.write(submission, examine(submission, test_mute="no zero"))
    graded_by_hand(book, "71", "explain_gain", 1.5, '=cmd|"/c calc"!A1')
    return book


def run(*arguments):
    """The command; its exit status."""
    with pytest.raises(SystemExit) as caught:
        main(["export", *arguments])
    return caught.value.code


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_canvas(graded, course, capsys):
    (course.root / "grading.toml").write_text("[units.01_gain]\ncanvas_id = 4711\n")
    assert run(UNIT, "--to", "canvas") == 0
    out, err = capsys.readouterr()
    assert out.strip() == "build/export/01_gain-canvas.csv"
    assert "1 of 3 grades wait for a person, left empty (--partial exports them as they stand): 72" in err
    table = rows(out.strip())
    assert list(table[0]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Gain (4711)"]
    assert list(table[0].values()) == ["    Points Possible", "", "", "", "", "6"]
    found = {(row["ID"], row["SIS Login ID"]): (row["Student"], row["Gain (4711)"]) for row in table[1:]}
    assert found == {("71", ""): ("Lee, Ann", "4.5"), ("72", ""): ("Roe, Bob", ""),
                     ("", "eve"): ("Eve, =HYPERLINK(1)", "3")}


def test_partial_grades_are_exported_when_asked_for(graded, course, capsys):
    assert run(UNIT, "--to", "canvas", "--partial", "--output", "here.csv") == 0
    assert [row["Gain"] for row in rows("here.csv")[1:]].count("3") == 2
    assert "Canvas will make a new assignment" in capsys.readouterr().err


def test_canvas_with_its_own_export_as_roster(graded, course, capsys):
    roster = course.root / "canvas.csv"
    roster.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,Essay (9),Gain (4711),Final Score\n"
        "    Points Possible,,,,,10,12,(read only)\n"
        '"Lee, Ann",71,u71,ann,A,7,,50\n"Eve, E",99,eve,e,B,,,\n"Absent, Al",73,u73,al,A,,,\n'
        '"Student, Test",1,,,A,,,\n',
        encoding="utf-8-sig")
    assert run(UNIT, "--to", "canvas", "--roster", "canvas.csv") == 0
    err = capsys.readouterr().err
    assert "Canvas expects 12 points, the unit has 6: grades were scaled" in err
    assert "not in the roster, so not exported: 72" in err
    table = rows("build/export/01_gain-canvas.csv")
    assert [(r["ID"], r["SIS User ID"], r["Section"], r["Gain (4711)"]) for r in table] == [
        ("", "", "", "12"), ("71", "u71", "A", "9"), ("99", "eve", "B", "6"), ("73", "u73", "A", "")]
    assert "Essay (9)" not in table[0], "other assignments stay as they are in Canvas"


def test_moodle(graded, course):
    assert run(UNIT, "--to", "moodle") == 0
    table = {row["Identifier"]: row for row in rows("build/export/01_gain-moodle.csv")}
    assert set(table) == {"Participant 71", "Participant 72", "eve"}
    ann = table["Participant 71"]
    assert (ann["Full name"], ann["Grade"], ann["Maximum Grade"]) == ("Ann Lee", "4.5", "6")
    assert "Mute: 1 of 2" in ann["Feedback comments"]
    assert ann["Feedback comments"].count("Explain gain") == 1
    assert 'Explain gain: 1.5 of 2. =cmd|"/c calc"!A1' in ann["Feedback comments"]
    assert table["eve"]["Full name"] == "'=HYPERLINK(1) Eve"
    assert (table["Participant 72"]["Grade"], table["Participant 72"]["Feedback comments"]) == ("", "")


def test_refused_and_doubtful_work_is_no_grade_until_a_person_has_settled_it(book, assignment, course, capsys):
    refused = hand_in(assignment, "81", refused="x.ipynb was handed in, which is not 01_gain.ipynb.")
    results = tuple(replace(r, score=0.0, status=REFUSED) for r in examine(refused).results)
    book.write(refused, Examination(results))
    doubtful = hand_in(assignment, "82", explain_gain=None, repairs=(Repair("The file is damaged.", None, True),))
    book.write(doubtful, examine(doubtful))
    assert run(UNIT, "--to", "canvas") == 0
    assert "2 of 2 grades wait for a person, left empty" in capsys.readouterr().err
    assert [row["Gain"] for row in rows("build/export/01_gain-canvas.csv")[1:]] == ["", ""]
    for cell in CELLS:
        graded_by_hand(book, "81", cell, 0.5)
    with book._database.transaction() as gradebook:
        for student in ("81", "82"):  # what the key for the flag does in formgrader
            gradebook.find_submission_notebook(UNIT, UNIT, student).flagged = False
    book.write(refused, Examination(results))  # grading again asks nobody again
    assert run(UNIT, "--to", "canvas") == 0
    assert [row["Gain"] for row in rows("build/export/01_gain-canvas.csv")[1:]] == ["2", "4"]


def test_the_comment_says_the_exercise_and_why_points_are_missing(book, assignment, course):
    submission = hand_in(assignment, "71", scale=None)
    long = f"no answer within 60 s, see /home/x/y.py {'a ' * 400}"
    result = CheckResult("test_mute", "mute", 1.0, 0.0, TIMEOUT, long)
    record = made_record(submission, examine(submission, test_mute=result))
    book.write(submission, record.examination())
    build = course.root / "build"
    Chain(chain_file(build, UNIT), evidence_key(grading_seed(build))).append(record.to_json())
    assert run(UNIT, "--to", "moodle", "--partial") == 0
    said = rows("build/export/01_gain-moodle.csv")[0]["Feedback comments"].split("<br>")
    assert said[0] == "Scale: 0 of 2. is not written yet"
    assert said[1].startswith("Mute: 1 of 2. No answer within 60 s, see …/y.py a a")
    assert len(said[1]) < 280
    assert "/home" not in said[1]
    assert said[2] == "Explain gain: not graded yet"


def made_record(submission, examination):
    """The record that `course grade` would write."""
    conditions = Conditions("k", "r", "t", "e", "0", "s", {}, 1.0, {}, "2026-11-21T09:00:00+00:00", "w")
    return Record.make(UNIT, submission, examination, conditions)


def test_moodle_with_its_own_worksheet(graded, course, capsys):
    (course.root / "moodle.csv").write_text(
        "Identifier;Full name;Email address;Status;Grade;Maximum Grade;Group;Feedback comments\n"
        "Participant 71;Ann Lee;ann@x.org;Submitted;;100,00;A;\n"
        "Participant 5;Eve;eve@x.org;Submitted;12;100,00;B;old\n"
        "Participant 6;Al;al@x.org;No submission;;100,00;A;\n", encoding="utf-16")
    assert run(UNIT, "--to", "moodle", "--roster", "moodle.csv", "-o", "out/sheet.csv") == 0
    assert capsys.readouterr().err.count("Moodle's maximum is 100, the unit has 6 points") == 1
    table = rows("out/sheet.csv")
    assert [(r["Identifier"], r["Grade"], r["Group"]) for r in table] == [
        ("Participant 71", "75", "A"), ("Participant 5", "50", "B"), ("Participant 6", "", "A")]


def test_all_units(graded, course):
    assert run("--all", "--to", "moodle", "--output", "sheets") == 0
    assert [p.name for p in (course.root / "sheets").iterdir()] == ["01_gain-moodle.csv"]
    assert run("--all", "--to", "canvas") == 0
    assert len(rows("build/export/all-canvas.csv")) == 4


def test_what_cannot_be_done_is_one_line(graded, course, capsys):
    (course.root / "odd.csv").write_text("a,b\n1,2\n")
    (course.root / "binary.csv").write_bytes(b"\xff\x00\x81")
    for arguments, says in {
        (): "name one unit, or say --all", ("09",): "no unit '09'", (UNIT, "--all"): "name one unit, or say --all",
        (UNIT, "--roster", "odd.csv"): "no columns Student and ID", (UNIT, "--roster", "binary.csv"): "cannot be read",
        (UNIT, "--roster", "none.csv"): "cannot be read",
    }.items():
        assert run(*arguments, "--to", "canvas") == 1
        assert says in capsys.readouterr().err
    assert not (course.root / "build/export").exists()


def test_a_unit_that_was_not_graded(book, capsys):
    with book._database.transaction() as gradebook:
        gradebook.remove_assignment(UNIT)
    assert run(UNIT, "--to", "canvas", "--db", book.settings.db_url) == 1
    assert "is not in the gradebook → course grade 01_gain" in capsys.readouterr().err


FORMULAS = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n@x", "＝1", "\ufeff=1", "|x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_become_text(text):
    row = next(csv.reader(io.StringIO(csv_text([text], []), newline="")))
    assert row == ["'" + text]


PLAIN = ["Anna", "4.5", "-3", "-3,5", "", "a=b", "Participant 7", "    Points Possible", "-", " - "]


@pytest.mark.parametrize("text", PLAIN)
def test_other_texts_stay(text):
    assert safe(text) == text


def test_cells_with_separators_come_back_as_they_were(tmp_path):
    cells = ['a,"b"', "two\nlines", "semi;colon", "tab\tx", "ü 山"]
    (tmp_path / "x.csv").write_text(csv_text(["h1", "h2", "h3", "h4", "h5"], [cells]), encoding="utf-8", newline="")
    assert read_csv(tmp_path / "x.csv").rows == [cells]


def test_points_are_short():
    assert [points(v) for v in (0.0, 2.0, 1.5, 1 / 3, 100.0, 0.1 + 0.2)] == ["0", "2", "1.5", "0.3333", "100", "0.3"]

"""`course grade` from the folder to the gradebook, with the real books and stand-ins for reader and examiner."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace

import fakes
import pytest
from final_state import UNIT, faults, final_state, latest, lines
from little_course import write_class, write_course

from autograder.cli import main
from autograder.course import Course
from autograder.grade import cli, run_task
from autograder.gradebook import GradeBook

pytestmark = pytest.mark.skipif(os.name != "posix", reason="worker processes are tested on POSIX systems")
workers_of_the_command = cli._workers
CLASS = {"anna": {}, "bert": {"score": 0.5, "message": "<b>the mean\x1b[2J</b>"}, "cleo": {"doubt": 1}}


@pytest.fixture
def classroom(course, empty_gradebook, monkeypatch):
    """The little course with three submissions and the stand-ins."""
    write_class(course.root, CLASS)
    fakes.use_stand_ins(monkeypatch)
    monkeypatch.setattr("autograder.grade.local.COMMAND", fakes.WORKER)
    monkeypatch.setattr("autograder.grade.cli._workers", lambda *_: fakes.Inline())
    (course.root / "build").mkdir()
    shutil.copy(empty_gradebook, course.root / "build/gradebook.db")
    yield course
    run_task.close_benches()


@pytest.fixture(scope="session")
def empty_gradebook(tmp_path_factory):
    """nbgrader needs seconds to make a new database, so once."""
    course = Course.load(write_course(tmp_path_factory.mktemp("first") / "course"))
    with GradeBook(course):
        pass
    return course.root / "build/gradebook.db"


@pytest.fixture
def with_processes(monkeypatch):
    """Real worker processes instead of `Inline`."""
    monkeypatch.setattr("autograder.grade.cli._workers", workers_of_the_command)


def grade(*arguments, status=0):
    with pytest.raises(SystemExit) as caught:
        main(["grade", "02", *arguments])
    assert (caught.value.code or 0) == status


def scores(course):
    with GradeBook(course) as gradebook:
        return {s: e["test_centre"].auto for s, e in gradebook.scores(UNIT).items()}


def test_a_class_comes_into_the_gradebook_and_the_evidence(classroom, capsys):
    grade()
    out = capsys.readouterr().out
    assert scores(classroom) == {"anna": 1.5, "bert": 0.5, "cleo": 1.5}
    assert faults(classroom) == ()
    assert re.search(r"anna.* 1\.5/3\.5 .*0\.1 s", out)
    assert "found by its text" in out
    assert "3 graded, 0 kept" in out
    assert "notes.txt is no notebook" in out
    record = latest(classroom)[1]
    assert (record.sandbox, record.student, record.score) == ("bwrap", "bert", 0.5)


def test_a_second_run_grades_nothing_and_changes_nothing(classroom, capsys):
    grade()
    before, chain = final_state(classroom), (classroom.root / f"build/evidence/{UNIT}.jsonl").read_bytes()
    grade()
    assert "0 graded, 3 kept" in capsys.readouterr().out
    assert final_state(classroom) == before
    assert (classroom.root / f"build/evidence/{UNIT}.jsonl").read_bytes() == chain


def test_only_what_changed_is_graded(classroom, capsys):
    grade()
    write_class(classroom.root, {"bert": {"score": 1.5}, "dora": {}})
    grade()
    assert "2 graded, 2 kept" in capsys.readouterr().out
    assert scores(classroom) == {"anna": 1.5, "bert": 1.5, "cleo": 1.5, "dora": 1.5}
    assert sorted(lines(classroom.root / "build")) == ["anna", "bert", "bert", "cleo", "dora"]
    assert faults(classroom) == ()


def test_a_regrade_with_the_same_verdict_leaves_the_same_books(classroom, capsys):
    grade()
    before = final_state(classroom)
    grade("--regrade")
    assert "3 graded, 0 kept" in capsys.readouterr().out
    assert final_state(classroom) == before


def test_one_and_three_worker_processes_leave_the_same_state(classroom, with_processes):
    grade("--jobs", "1")
    one = final_state(classroom)
    grade("--regrade", "--jobs", "3")
    assert final_state(classroom) == one


def test_one_student_only(classroom):
    grade("--student", "bert")
    assert scores(classroom) == {"bert": 0.5}


def test_an_unknown_student_is_said(classroom, capsys):
    grade("--student", "zoe", status=1)
    assert "no submission of zoe" in capsys.readouterr().err


def test_a_dry_run_writes_nothing(classroom, capsys):
    grade("--dry-run")
    out = capsys.readouterr().out
    assert "3 to grade, 0 kept" in out
    assert sorted(p.name for p in (classroom.root / "build").iterdir()) == ["gradebook.db", "grading_seed"]


def test_json_is_all_that_stands_on_stdout(classroom, capsys):
    grade("--json")
    data = json.loads(capsys.readouterr().out)
    assert [s["student"] for s in sorted(data["submissions"], key=lambda s: s["student"])] == ["anna", "bert", "cleo"]
    assert data["skipped"] == ["notes.txt is no notebook"]
    bert = next(s for s in data["submissions"] if s["student"] == "bert")
    assert bert["results"]["test_centre"] == {"status": "wrong", "score": 0.5, "points": 1.5,
                                              "message": "<b>the mean\x1b[2J</b>"}


def test_a_failure_of_the_grader_is_flagged_and_tried_again(classroom, capsys):
    write_class(classroom.root, {"dora": {"raise": True}})
    grade(status=1)
    assert "ArithmeticError: the examiner has a fault" in capsys.readouterr().out
    assert scores(classroom)["dora"] is None
    grade(status=1)
    assert "1 graded, 3 kept" in capsys.readouterr().out
    assert len(lines(classroom.root / "build")) == 4  # the same verdict is not recorded twice
    assert faults(classroom) == ()


def test_the_sandbox_that_was_asked_for_is_recorded_and_flagged(classroom, capsys):
    grade()
    grade("--sandbox", "none")
    assert "3 graded, 0 kept" in capsys.readouterr().out
    assert {r.sandbox for r in latest(classroom)} == {"none"}
    assert all("graded without a sandbox" in r.flags for r in latest(classroom))


def test_an_unknown_sandbox_is_said(classroom, capsys):
    grade("--sandbox", "no", status=1)
    assert "one of auto, bwrap" in capsys.readouterr().err


def test_extra_time_is_given_and_changes_only_that_student_s_result(classroom, capsys):
    grade()
    (classroom.root / "grading.toml").write_text('[students.anna]\nextra_time = 2.0\n')
    grade()
    assert "1 graded, 2 kept" in capsys.readouterr().out
    assert [r.extra_time for r in latest(classroom)] == [2.0, 1.0, 1.0]


def test_a_due_date_that_comes_later_changes_the_gradebook_without_grading(classroom, capsys):
    grade()
    (classroom.root / "grading.toml").write_text(
        f"[late]\nper_day = 0.5\n\n[units.{UNIT}]\ndue = 2026-10-31T18:00:00+00:00\n")
    grade()
    out = capsys.readouterr().out
    assert "0 graded, 3 kept" in out
    assert "late" in out


def test_a_gradebook_that_was_lost_or_changed_is_filled_again(classroom):
    grade()
    before = final_state(classroom)
    (classroom.root / "build/gradebook.db").unlink()
    grade()
    assert final_state(classroom) == before


def test_a_name_that_the_gradebook_refuses_stops_only_that_student(classroom, capsys):
    write_class(classroom.root, {"{bad": {}})
    grade(status=1)
    assert "cannot be a student's id" in capsys.readouterr().out
    assert len(scores(classroom)) == 3


def test_a_second_grader_is_turned_away(classroom):
    code = "import sys, pathlib\nfrom autograder.grade.batch import only_one\n" \
           "with only_one(pathlib.Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    other = subprocess.Popen([sys.executable, "-c", code, str(classroom.root / "build")], stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE, text=True, env=fakes.environment())
    assert other.stdout.readline() == "held\n"
    grade(status=1)
    other.kill()
    other.communicate()
    grade()


def test_verify_grades_says_what_a_hand_in_the_database_changed(classroom, capsys):
    from nbgrader.api import Gradebook

    grade()
    with pytest.raises(SystemExit) as caught:
        main(["verify-grades"])
    assert caught.value.code in (0, None)
    assert "3 records of 3 students, as they were written" in capsys.readouterr().out
    with Gradebook(f"sqlite:///{classroom.root / 'build/gradebook.db'}", "deep_audio") as book:
        book.find_submission(UNIT, "bert").notebooks[0].grades[0].auto_score = 1.25
        book.db.commit()
    with pytest.raises(SystemExit) as caught:
        main(["verify-grades", "02", "--json"])
    assert caught.value.code == 1
    ((fault,),) = [found["faults"] for found in json.loads(capsys.readouterr().out)]
    assert fault["what"] == "bert has 1.25 for test_centre; the record says 0.5"


def test_verify_grades_lists_what_people_typed(classroom, capsys):
    from nbgrader.api import Gradebook

    grade()
    with Gradebook(f"sqlite:///{classroom.root / 'build/gradebook.db'}", "deep_audio") as book:
        book.find_grade("explain_mean", UNIT, UNIT, "anna").manual_score = 1.5
        book.find_grade("test_centre", UNIT, UNIT, "bert").extra_credit = 0.5
        book.db.commit()
    capsys.readouterr()
    with pytest.raises(SystemExit) as caught:
        main(["verify-grades"])
    assert caught.value.code in (0, None)
    assert ("2 scores typed by a person, which nothing seals: anna explain_mean 1.5, bert test_centre +0.5"
            in capsys.readouterr().out)


def test_a_score_that_somebody_changed_is_put_back_and_said(classroom, capsys):
    from nbgrader.api import Gradebook

    grade()
    with Gradebook(f"sqlite:///{classroom.root / 'build/gradebook.db'}", "deep_audio") as book:
        book.find_grade("test_centre", UNIT, UNIT, "bert").auto_score = 1.5
        book.db.commit()
    assert "put back" not in capsys.readouterr().out
    grade()
    out = capsys.readouterr().out
    assert re.search(r"bert.*kept.*the gradebook had 1\.5 for test_centre, the record 0\.5: put back", out)
    assert out.count("put back") == 1
    assert scores(classroom)["bert"] == 0.5
    write_class(classroom.root, {"bert": {"score": 1.0}})
    grade("--regrade")
    assert "put back" not in capsys.readouterr().out, "a new hand-in changes the score by right"


def test_names_of_grading_toml_stand_where_files_give_none(classroom, capsys, monkeypatch):
    (classroom.root / "grading.toml").write_text(
        '[students.anna]\nname = "Ann Lee"\n\n[students.bert]\nname = "Bert Roe"\n\n[students.9999]\nname = "X"\n')
    found = fakes.collect(classroom.root / "in", UNIT, classroom)
    found.items[0] = replace(found.items[0], name="anna")
    monkeypatch.setattr("autograder.intake.collect", lambda *_: found)
    grade()
    out = capsys.readouterr().out
    assert "grading.toml names 9999, who handed in nothing here" in out
    assert "anna Ann Lee" in out
    assert "bert Bert " in out
    assert "Bert Roe" not in out, "the name that the platform gave stays"
    assert [r.name for r in latest(classroom)] == ["Ann Lee", "Bert", "Cleo"]


def test_a_line_says_why_points_are_missing(classroom, capsys):
    write_class(classroom.root, {"bert": {"score": 0.5, "message": "no answer within 60 s"}})
    grade()
    out = capsys.readouterr().out
    assert re.search(r"bert .*0\.5/3\.5 .* centre: no answer within 60 s", out)
    assert "centre: " not in next(line for line in out.splitlines() if line.startswith("anna"))


def test_an_empty_class_is_said(classroom, capsys):
    for file in (classroom.root / "in").iterdir():
        file.unlink()
    grade(status=1)
    assert "no submission for 02_mean: notes.txt is no notebook" in capsys.readouterr().err

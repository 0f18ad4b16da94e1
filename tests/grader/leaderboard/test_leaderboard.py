"""The leaderboard: order, ties, made-up names that stay, and no student's name where it was not asked for."""

import dataclasses
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "pages"))

from graded_class import UNIT, assignment, course_in, record, write_records

from autograder.cli import main
from autograder.leaderboard.ranking import pseudonyms, rank

SCORES = {"s1": 0.91, "s2": 0.97, "s3": 0.91, "s4": 0.2, "<b>s5": None}


def run(*arguments) -> int:
    """The exit status of `course leaderboard`."""
    with pytest.raises(SystemExit) as ended:
        main(["leaderboard", *arguments])
    return ended.value.code or 0


def measured(given, student, value):
    """A record in which the check of `griffin_lim` measured an accuracy; None: it measured nothing."""
    made = record(given, student, f"Name of {student}")
    results = [
        dataclasses.replace(r, measured={"accuracy": value}) if r.exercise == "griffin_lim" and value is not None else r
        for r in made.results
    ]
    return dataclasses.replace(made, results=tuple(results))


@pytest.fixture
def course(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return course_in(tmp_path)


@pytest.fixture
def records(course):
    given = assignment(course)
    made = [measured(given, student, value) for student, value in SCORES.items()]
    write_records(course, made)
    return made


def test_the_largest_value_is_first_and_equal_values_share_a_place(records):
    (table,) = rank(records)
    assert (table.grade_id, table.name) == ("test_griffin_lim", "accuracy")
    assert [(p.rank, p.student) for p in table.places] == [(1, "s2"), (2, "s1"), (2, "s3"), (4, "s4")]


def test_made_up_names_are_stable_distinct_and_secret():
    students = [f"student {i}" for i in range(2000)]
    names = pseudonyms(students, b"key")
    assert len(set(names.values())) == 2000
    assert names == pseudonyms(reversed(students), b"key")
    assert names != pseudonyms(students, b"another key")


def test_the_page_tells_no_name(course, records, capsys):
    assert run(UNIT) == 0
    page = (course.root / "build" / "leaderboard" / f"{UNIT}.html").read_text(encoding="utf-8")
    said = capsys.readouterr().out
    assert "0.97" in page
    assert "0.97" in said
    for student in SCORES:
        assert f"Name of {student}" not in page + said
    assert "<script" not in page


def test_names_and_json_for_the_instructor(course, records, capsys):
    assert run(UNIT, "--names", "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["tables"][0]["places"][0]["shown_as"] == "Name of s2"
    page = (course.root / "build" / "leaderboard" / f"{UNIT}.html").read_text(encoding="utf-8")
    assert "Name of s2" in page
    assert "<b>" not in page


def test_a_unit_without_models_says_so(course, capsys):
    write_records(course, [record(assignment(course), "s1")])
    assert run(UNIT) == 1
    assert "no check of 02_stft measures a score" in capsys.readouterr().err

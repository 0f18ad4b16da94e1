"""A record survives JSON, gives its examination back, and refuses what is not one."""

import json

import pytest
from made_records import make_record

from autograder.errors import CourseError
from autograder.evidence.canonical import canonical
from autograder.evidence.record import Record


def test_a_record_survives_json_with_hostile_text():
    record = make_record()
    assert Record.from_json(json.loads(canonical(record.to_json()))) == record


def test_it_gives_the_examination_back():
    examination = make_record(score=0.0).examination()
    assert (examination.score, examination.points, examination.sandbox) == (0.0, 5.0, "bwrap")
    assert examination.exercise_seconds == {"test_stft": 0.5}
    assert examination.verdict() == make_record(score=0.0).verdict()


def test_only_what_was_measured_differs_between_two_runs():
    once, again = make_record(seconds=1.0), make_record(seconds=2.0)
    assert once.to_json() != again.to_json()
    assert once.lasting() == again.lasting()
    assert once.lasting() != make_record(message="other").lasting()


def test_the_flags_of_the_submission_come_first():
    assert make_record().flags == ("Found by its text.", "look")


@pytest.mark.parametrize(("change", "said"), [
    (lambda d: d.update(format=2), "another format"),
    (lambda d: d.pop("student"), "no entry 'student'"),
    (lambda d: d.update(student=3), "student is of the wrong kind"),
    (lambda d: d.update(extra_time=True), "extra_time is of the wrong kind"),
    (lambda d: d.update(bonus=1), "unknown entry 'bonus'"),
    (lambda d: d.update(score=5.0), "score is not the sum"),
    (lambda d: d.update(answers={"stft": 3}), "answers is of the wrong kind"),
    (lambda d: d["flags"].append(None), "flags is of the wrong kind"),
    (lambda d: d["verdict"]["results"][0].update(status="perfect"), "unknown status 'perfect'"),
    (lambda d: d["verdict"]["results"][0].update(score=4.0), "not between 0 and 3"),
    (lambda d: d["verdict"]["results"][0].update(score=float("nan")), "not between 0 and 3"),
    (lambda d: d["verdict"]["results"].append(d["verdict"]["results"][0]), "two results of one graded cell"),
    (lambda d: d["verdict"]["results"][0].pop("grade_id"), "grade_id"),
])
def test_what_is_not_a_record_is_refused_by_name(change, said):
    data = json.loads(canonical(make_record().to_json()))
    change(data)
    with pytest.raises(CourseError, match=said):
        Record.from_json(data)


@pytest.mark.parametrize("data", [None, [], "x", {}, {"format": 1}])
def test_other_json_is_refused(data):
    with pytest.raises(CourseError, match="not a record"):
        Record.from_json(data)

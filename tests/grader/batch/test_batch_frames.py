"""Tasks and outcomes cross a pipe unchanged, and half a frame is never taken for a whole one."""

import io
import json
from pathlib import Path

import fakes
import pytest

from autograder.grade.frames import (
    outcome_from_json,
    outcome_to_json,
    receive,
    send,
    setting_from_json,
    setting_to_json,
    task_from_json,
    task_to_json,
)
from autograder.grade.run_task import broken
from autograder.grade.task import Outcome
from autograder.model.submission import HandedIn


def crossed(header, data=b""):
    pipe = io.BytesIO()
    send(pipe, header, data)
    pipe.seek(0)
    return receive(pipe)


def test_a_setting_crosses_unchanged(setting):
    header, _ = crossed(setting_to_json(setting))
    again = setting_from_json(header)
    assert again == setting
    assert again.name == setting.name
    assert again.assignment().digest == setting.assignment().digest


def test_a_task_crosses_unchanged(task):
    handed_in = HandedIn("ö\ud800", "Ö", bytes(range(256)), None, "x", {"w": Path("/tmp/w.safetensors")}, ("late",))
    made = task(HandedIn("a", "A", b"x"), 1.5)
    made = type(made)(made.key, handed_in, 1.5)
    header, data = task_to_json(made)
    assert task_from_json(*crossed(header, data)) == made


def test_an_outcome_crosses_unchanged(task, assignment):
    made = task(fakes.hand_in(doubt=1, message="nan \ud800"))
    submission = fakes.read(made.handed_in, assignment)
    examiner = fakes.Examiner(assignment, sandbox="auto", limits=None, secret=b"", roots=())
    outcome = Outcome(made.key, submission, examiner.examine(submission), "2026", "worker 1")
    assert outcome_from_json(crossed(outcome_to_json(outcome))[0]) == outcome
    failed = broken(made, assignment, "it\nfell over", "worker 2", "2026")
    assert outcome_from_json(crossed(outcome_to_json(failed))[0]) == failed


def test_a_frame_cut_anywhere_is_the_end_of_the_stream():
    pipe = io.BytesIO()
    send(pipe, {"a": "ü"}, b"12345")
    whole = pipe.getvalue()
    for size in range(len(whole)):
        with pytest.raises(EOFError):
            receive(io.BytesIO(whole[:size]))
    assert receive(io.BytesIO(whole)) == ({"a": "ü"}, b"12345")


def test_a_broken_outcome_gives_no_points_and_asks_for_a_person(task, assignment):
    outcome = broken(task(fakes.hand_in()), assignment, "signal 9", "worker 1")
    assert [(r.grade_id, r.status, r.score) for r in outcome.examination.results] == [
        ("test_centre", "broken", None), ("explain_mean", "broken", None)]
    assert outcome.submission.flags
    assert json.dumps(outcome_to_json(outcome))

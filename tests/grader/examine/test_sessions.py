"""What ends a session ends one exercise: time limits, crashes, second chances."""

import dataclasses

import pytest
from by_hand import extra
from tiny import LIMITS, by_id, others_passed

from autograder.model.examination import CRASHED, MANUAL, PASSED, TIMEOUT, WRONG

QUICK = dataclasses.replace(LIMITS, cell_seconds=1.5, exercise_seconds=1.5)


@pytest.mark.parametrize(
    ("answer", "sessions"), [("while True: pass", 2), ("def double(x):\n    while True: pass", 2),
                             ("def double(x): time.sleep(99)", 2)])
def test_an_endless_loop_costs_its_own_exercise_only(examine, answer, sessions):
    done = examine({"double": answer}, limits=QUICK)
    assert by_id(done)["double"].status == TIMEOUT
    assert "1.5 s" in by_id(done)["double"].message
    assert others_passed(done, "double")
    assert done.sessions == sessions
    assert done.seconds < 8


def test_every_exercise_gets_its_chance_after_crashes_in_all_others(examine):
    dies = {"double": "def double(x): os._exit(1)", "scale": "os._exit(2)", "table": "os.kill(os.getpid(), 11)"}
    done = examine(dies)
    assert [r.status for r in done.results] == [CRASHED, CRASHED, CRASHED, PASSED, MANUAL]
    assert [f.grade_id for f in done.faults] == ["scale", "table"]
    assert {f.status for f in done.faults} == {CRASHED}


def test_the_time_for_the_whole_submission_is_bounded(examine):
    limits = dataclasses.replace(LIMITS, cell_seconds=2.0, submission_seconds=3.0)
    done = examine(dict.fromkeys(("double", "scale", "table"), "time.sleep(50)"), limits=limits)
    assert done.seconds < 6
    assert {r.status for r in done.results} == {TIMEOUT, MANUAL}
    assert "3 s" in by_id(done)["triple"].message


def test_extra_time_stretches_the_limits(examine):
    slow = {"double": "def double(x):\n    time.sleep(0.5)\n    return 2 * x"}
    assert by_id(examine(slow, limits=QUICK))["double"].status == TIMEOUT
    assert by_id(examine(slow, limits=QUICK, extra_time=3.0))["double"].status == PASSED


def test_a_name_that_only_an_unneeded_cell_binds_gets_a_second_chance(examine):
    uses = "def double(x): return FACTOR * x"
    helper = extra("FACTOR = 2\nprint('helping')", needed=False)
    done = examine({"double": uses}, before=[helper])
    assert by_id(done)["double"].status == PASSED
    assert (done.sessions, others_passed(done)) == (2, True)
    done = examine({"double": "LATER = FACTOR\ndef double(x): return LATER * x"}, before=[helper])
    assert by_id(done)["double"].status == PASSED
    done = examine({"double": uses}, before=[extra("OTHER = 2", needed=False)])
    assert by_id(done)["double"].status == WRONG
    assert "FACTOR" in by_id(done)["double"].message
    assert done.sessions == 1


def test_a_helper_that_failed_for_a_missing_name_gets_a_second_chance_too(examine):
    cells = [extra("FACTOR = 2", "cell 2", needed=False), extra("def helper(x, f=FACTOR): return f * x", "cell 3")]
    done = examine({"double": "def double(x): return helper(x)"}, before=cells)
    assert by_id(done)["double"].status == PASSED


def test_a_second_chance_that_kills_the_process_is_none(examine):
    deadly = extra("FACTOR = 2\nos._exit(1)", "cell 2", needed=False)
    done = examine({"double": "def double(x): return FACTOR * x"}, before=[deadly])
    assert by_id(done)["double"].status == WRONG
    assert "FACTOR" in by_id(done)["double"].message
    assert others_passed(done, "double")
    assert [f.label for f in done.faults] == ["cell 2"]

"""The grader is killed (SIGKILL) at twenty random moments of a class of 30; the gradebook ends the same."""

import random
import time

import psutil
import pytest
from course_copy import LEVEL, UNIT, CourseCopy, family
from roster import Kit

from autograder.course import Course
from autograder.model.assignment import Assignment

STUDENTS, KILLS, MOST_SECONDS = 30, 20, 240
WRONG = "def rms_dbfs(x): return np.zeros(np.shape(x)[:-1])  # {}"


def course_of(root) -> CourseCopy:
    """A class of 30: right, wrong, blank, and one file that is no notebook."""
    copy = CourseCopy(root)
    course = Course.load(root)
    kit = Kit(Assignment.read(course, course.unit(UNIT)))
    for i in range(STUDENTS - 2):
        copy.hand_in(f"student{i:02d}", kit.solved(rms_dbfs=(WRONG if i % 3 == 2 else LEVEL).format(i)))
    copy.hand_in("blank", kit.release())
    copy.hand_in("broken", "no notebook")
    return copy


def kill_at(copy: CourseCopy, draw: random.Random) -> None:
    """Start a run and kill its coordinator: early, or when one or two more results have been written."""
    run = copy.grade()
    early, wanted = draw.random() < 0.3, copy.done() + draw.choice((1, 1, 2))
    pause, until = draw.uniform(0, 3), time.monotonic() + 60
    if early:
        time.sleep(pause)
    while not early and copy.done() < wanted and run.poll() is None and time.monotonic() < until:
        time.sleep(0.005)
    time.sleep(draw.uniform(0, 0.1))
    workers = family(run.pid)
    run.kill()
    run.wait()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive, f"these outlive the grader: {alive}"


@pytest.mark.slow
@pytest.mark.timeout(MOST_SECONDS * 2)
def test_killed_twenty_times(tmp_path):
    quiet, disturbed = course_of(tmp_path / "quiet"), course_of(tmp_path / "disturbed")
    assert quiet.grade().wait(MOST_SECONDS) == 0, quiet.log()
    draw, at = random.Random(20), []
    for _ in range(KILLS):
        kill_at(disturbed, draw)
        at.append(disturbed.done())
    print("results on disk at each kill:", at)
    assert len(set(at)) > 5, "the kills were not spread over the run"
    assert disturbed.grade().wait(MOST_SECONDS) == 0, disturbed.log()
    assert disturbed.done() == STUDENTS
    assert disturbed.scores() == quiet.scores()
    assert disturbed.start("verify-grades").wait(60) == 0, disturbed.log()
    again = disturbed.grade()
    assert again.wait(MOST_SECONDS) == 0
    assert disturbed.scores() == quiet.scores()

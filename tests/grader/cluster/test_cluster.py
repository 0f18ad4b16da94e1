"""A scheduler and two workers as processes, TLS on: the same books as on one machine, whatever dies on the way.

The tests share one cluster and run in this order: first without workers, at the end without a scheduler.
"""

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import fakes
import pytest
from final_state import UNIT, faults, final_state, lines
from little_course import grade_with, write_class, write_course

from autograder.cluster import ClusterWorkers
from autograder.course import Course
from autograder.errors import CourseError
from autograder.grade.batch import Batch, Options

pytestmark = pytest.mark.slow
STUDENTS = {f"s{n:02}": {"score": n / 8, "sleep": 0.2} for n in range(11)} | {"odd": {"raise": True}}


@pytest.fixture
def classroom(tmp_path, empty_gradebook, monkeypatch):
    """The little course with twelve submissions; each takes a moment, and on one the examiner fails."""
    fakes.use_stand_ins(monkeypatch)
    course = Course.load(write_course(tmp_path / "course"))
    write_class(course.root, STUDENTS)
    (course.root / "build").mkdir()
    shutil.copy(empty_gradebook, course.root / "build/gradebook.db")
    return course


def workers_used(course):
    files = (course.root / "build/grades" / UNIT).glob("*.json")
    return {json.loads(file.read_text())["record"]["run"]["worker"] for file in files}


def test_a_stranger_s_certificate_is_turned_away(cluster, monkeypatch):
    monkeypatch.setattr("autograder.cluster.workers.CONNECT_SECONDS", 3.0)
    tls = cluster.certificates
    with pytest.raises(CourseError, match=cluster.address):
        ClusterWorkers(cluster.address, ca=tls / "ca.pem", cert=tls / "stranger.pem", key=tls / "stranger.key")


def test_without_certificates_nothing_is_sent(cluster):
    with pytest.raises(CourseError, match="certificate"):
        ClusterWorkers(cluster.address)
    with pytest.raises(CourseError, match="no such certificate file"):
        ClusterWorkers(cluster.address, ca=Path("none.pem"))


def test_a_cluster_without_workers_is_said(classroom, cluster, monkeypatch):
    with cluster.connect() as workers:
        monkeypatch.setattr("autograder.cluster.workers.CONNECT_SECONDS", 1.0)
        with pytest.raises(CourseError, match="no answer from"):
            grade_with(classroom, workers)


def test_no_scheduler_is_said(monkeypatch):
    monkeypatch.setattr("autograder.cluster.workers.CONNECT_SECONDS", 1.0)
    with pytest.raises(CourseError, match=r"tcp://127\.0\.0\.1:9"):
        ClusterWorkers("tcp://127.0.0.1:9")


def test_the_coordinator_killed_in_the_middle_goes_on_where_it_was(classroom, crew):
    grading = subprocess.Popen(
        [sys.executable, "-P", fakes.__file__, "course", "grade", "02", *crew.options()], cwd=classroom.root,
        env=fakes.environment(), stdout=subprocess.PIPE, text=True)
    seen = 0
    while seen < 3:
        line = grading.stdout.readline()
        assert line, "it ended too early"
        seen += line.startswith("s")
    grading.kill()
    grading.communicate()
    with crew.connect() as workers:
        entered = grade_with(classroom, workers)
    assert sum(e.kept for e in entered) >= 3
    assert sorted(lines(classroom.root / "build")) == sorted(STUDENTS)
    assert faults(classroom) == ()


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(classroom, crew, tmp_path):
    alone = Course.load(shutil.copytree(classroom.root, tmp_path / "twin"))
    (alone.root / "build/grading_seed").write_text("the same secret")
    (classroom.root / "build/grading_seed").write_text("the same secret")
    grade_with(alone, fakes.Inline())
    with crew.connect() as workers:
        batch = Batch(classroom, classroom.unit("02"), Options())
        entered = []
        for each in batch.run(batch.plan(), workers):
            entered.append(each)
            if len(entered) == 3:
                crew.workers["two"].send_signal(signal.SIGKILL)
                crew.workers["two"].wait()
    assert [e.kept for e in entered] == [False] * 12
    assert sorted(lines(classroom.root / "build")) == sorted(STUDENTS)
    assert workers_used(classroom) == {"one", "two"}
    there, here = final_state(classroom), final_state(alone)
    assert there == here
    assert faults(classroom) == ()


def test_a_scheduler_that_dies_ends_the_run_and_keeps_what_is_done(classroom, crew):
    batch = Batch(classroom, classroom.unit("02"), Options())
    with crew.connect() as workers:
        coming = batch.run(batch.plan(), workers)
        entered = [next(coming), next(coming)]
        crew.scheduler.kill()
        with pytest.raises(CourseError, match="run it again"):
            entered.extend(coming)
    again = grade_with(classroom, fakes.Inline())
    assert sum(e.kept for e in again) >= len(entered) >= 2
    assert faults(classroom) == ()

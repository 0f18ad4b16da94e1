"""Worker processes: what one submission does to its worker never touches another submission, and none outlives us."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import fakes
import psutil
import pytest

from autograder.errors import CourseError
from autograder.grade import local
from autograder.grade.local import LocalWorkers
from autograder.grade.versions import Versions

pytestmark = pytest.mark.skipif(os.name != "posix", reason="worker processes are tested on POSIX systems")


def run(tasks, setting, jobs=2):
    with LocalWorkers(jobs, fakes.WORKER) as workers:
        return {outcome.submission.student: outcome for outcome in workers.run(tasks, setting)}


def verdicts(outcomes):
    return {student: outcome.examination.verdict() for student, outcome in outcomes.items()}


def test_one_and_three_workers_give_the_same_verdicts(task, setting):
    tasks = [task(fakes.hand_in(f"s{n}", score=n / 4)) for n in range(7)]
    one, three = run(tasks, setting, 1), run(tasks, setting, 3)
    assert verdicts(one) == verdicts(three)
    assert len(one) == 7
    assert {o.worker for o in one.values()} == {"worker 1"}
    assert one["s3"].examination.results[0].score == 0.75
    assert one["s3"].submission.student == "s3"


def test_many_jobs_do_not_start_many_processes_for_a_few_submissions(task, setting):
    before = set(psutil.Process().children())
    with LocalWorkers(40, fakes.WORKER) as workers:
        assert len(set(psutil.Process().children()) - before) == local.EAGER
        outcomes = list(workers.run([task(fakes.hand_in(f"s{n}")) for n in range(6)], setting))
        assert len(outcomes) == 6
        assert {outcome.worker for outcome in outcomes} <= {f"worker {n}" for n in range(1, 7)}
    assert set(psutil.Process().children()) <= before


def test_a_submission_that_kills_its_worker_twice_is_broken_and_the_others_are_not(task, setting):
    tasks = [task(fakes.hand_in(f"s{n}")) for n in range(4)]
    tasks.insert(1, task(fakes.hand_in("killer", die="always")))
    outcomes = run(tasks, setting)
    assert len(outcomes) == 5
    assert [r.status for r in outcomes["killer"].examination.results] == ["broken", "broken"]
    assert "signal 9" in outcomes["killer"].trouble
    assert "these are the last words" in outcomes["killer"].trouble
    assert all(outcomes[f"s{n}"].trouble is None for n in range(4))


def test_a_worker_that_dies_once_is_replaced_and_nothing_shows(task, setting, tmp_path):
    outcome = run([task(fakes.hand_in(die=f"once:{tmp_path / 'died'}"))], setting)["anna"]
    assert (tmp_path / "died").exists()
    assert outcome.trouble is None
    assert outcome.examination.results[0].score == 1.5


def test_a_fault_of_the_examiner_is_broken_with_its_reason(task, setting):
    outcome = run([task(fakes.hand_in(**{"raise": True}))], setting)["anna"]
    assert outcome.trouble.endswith("ArithmeticError: the examiner has a fault")
    assert outcome.examination.results[0].status == "broken"


def test_a_worker_far_over_the_time_limit_is_ended(task, setting, monkeypatch):
    monkeypatch.setattr(local, "SPARE_SECONDS", 0.0)
    short = replace(setting, limits=replace(setting.limits, submission_seconds=0.5))
    started = time.monotonic()
    outcomes = run([task(fakes.hand_in("slow", sleep=600)), task(fakes.hand_in("quick"))], short, 1)
    assert time.monotonic() - started < 120  # three workers start in it, some seconds each on a busy machine
    assert "no answer within" in outcomes["slow"].trouble
    assert outcomes["quick"].trouble is None


def test_a_worker_of_another_version_refuses(task, setting):
    other = replace(setting, versions=Versions("other", setting.versions.library, {"torch": "1.0"}))
    with pytest.raises(CourseError, match=r"grader other.*torch 1\.0"):
        run([task(fakes.hand_in())], other)


def test_leaving_in_the_middle_ends_every_worker(task, setting):
    tasks = [task(fakes.hand_in(f"s{n}", sleep=0.0 if n == 0 else 60)) for n in range(4)]
    started = time.monotonic()
    with LocalWorkers(2, fakes.WORKER) as workers:
        next(iter(workers.run(tasks, setting)))
        alive = psutil.Process().children(recursive=True)
        assert any("fakes.py" in " ".join(p.cmdline()) for p in alive)
    assert time.monotonic() - started < 120  # three workers start in it, some seconds each on a busy machine
    assert not [p for p in alive if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]
    assert not [t for t in threading.enumerate() if "_serve" in t.name]


def test_no_worker_outlives_a_killed_coordinator(tmp_path):
    """SIGKILL leaves no chance to clean up: the workers notice by themselves."""
    child = subprocess.Popen([sys.executable, "-c", f"""
import sys; sys.path[:0] = [{str(Path(__file__).parent)!r}]
import fakes, little_course
from pathlib import Path
from autograder.course import Course
from autograder.grade.local import LocalWorkers
from autograder.grade.task import Setting, Task
from autograder.model.assignment import Assignment
from autograder.model.limits import Limits
course = Course.load(little_course.write_course(Path({str(tmp_path)!r})))
setting = Setting.make(Assignment.read(course, course.unit("02")), sandbox="auto", limits=Limits(), seed_key=b"k",
                       roots=())
tasks = [Task("0", fakes.hand_in("quick"))] + [Task(str(n), fakes.hand_in(sleep=60)) for n in (1, 2, 3)]
with LocalWorkers(2, fakes.WORKER) as workers:
    for outcome in workers.run(tasks, setting):
        print("one is done", flush=True)
"""], stdout=subprocess.PIPE, text=True, env=fakes.environment())
    assert child.stdout.readline() == "one is done\n"
    workers = psutil.Process(child.pid).children(recursive=True)
    assert len(workers) == 2
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert not psutil.wait_procs(workers, timeout=10)[1]


def test_the_course_secret_is_not_in_a_worker_s_environment(monkeypatch):
    monkeypatch.setenv("COURSE_GRADING_SEED", "secret")
    assert "COURSE_GRADING_SEED" not in local._environment()

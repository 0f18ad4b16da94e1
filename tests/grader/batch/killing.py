"""Grade the little course in forked children that are killed, until everything is done: a program for test_batch_kill.

    python killing.py random SEED KILLS     SIGKILL from outside, at random moments of the run
    python killing.py every                 SIGKILL from within, before every single write to the disk

Works in the course of the working directory; prints one line of JSON at the end. The parent has everything imported, so
a new grader costs a fork and not seconds.
"""

import json
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable

import fakes
from little_course import grade_with

from autograder.course import Course
from autograder.gradebook import GradeBook
from autograder.model.assignment import Assignment

MANY = 10_000
WRITES = ("fsync", "replace", "link")


def grader(course: Course, progress: int, before: Callable[[], None] = lambda: None) -> int:
    """Fork a grader; it writes a byte to `progress` for each submission on the books. Returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        before()
        from autograder.grade.batch import Batch, Options

        batch = Batch(course, course.unit("02"), Options())
        os.write(progress, b"p")
        for _ in batch.run(batch.plan(), fakes.Inline()):
            os.write(progress, b".")
        os._exit(0)
    except BaseException as error:
        print(repr(error), file=sys.stderr, flush=True)
        os._exit(1)


def killed_from_outside(course: Course, rng: random.Random) -> bool:
    """One life: it ends some moments after its plan and 0 to 2 submissions. False if it was done before that."""
    read, write = os.pipe()
    pid = grader(course, write)
    os.close(write)
    for _ in range(rng.randrange(4)):
        os.read(read, 1)
    time.sleep(rng.random() * 0.15)
    os.kill(pid, signal.SIGKILL)
    os.close(read)
    _, status = os.waitpid(pid, 0)
    assert status in (0, signal.SIGKILL), status
    return status == signal.SIGKILL


def killed_from_within(course: Course, at: int) -> bool:
    """One life that ends at its write number `at`. False if there were fewer."""
    read, write = os.pipe()
    pid = grader(course, write, lambda: die_before(at))
    os.close(write)
    os.close(read)
    _, status = os.waitpid(pid, 0)
    assert status in (0, signal.SIGKILL), status
    return status == signal.SIGKILL


def die_before(at: int) -> None:
    """Make this process die in place of its write number `at`."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    done = 0

    def counted(write):
        def wrapper(*arguments, **options):
            nonlocal done
            done += 1
            if done == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return write(*arguments, **options)
        return wrapper

    for name in WRITES:
        setattr(os, name, counted(getattr(os, name)))


def main(how: str, *arguments: str) -> None:
    """Kill, then grade to the end."""
    sys.modules.update(fakes.stand_ins())
    import autograder

    autograder.intake = sys.modules["autograder.intake"]
    course, kills = Course.load(), 0
    with GradeBook(course) as gradebook:  # and all that is imported on the way
        gradebook.ensure(Assignment.read(course, course.unit("02")))
    if how == "random":
        rng = random.Random(int(arguments[0]))
        while kills < int(arguments[1]) and killed_from_outside(course, rng):
            kills += 1
    if how == "every":
        kills = every_write(course)
    last = grade_with(course, fakes.Inline())
    print(json.dumps({"kills": kills, "left": sum(not entered.kept for entered in last), "class": len(last)}))


def every_write(course: Course) -> int:
    """From an untouched state each time: one life that dies at its first write, one at its second …"""
    build, clean = course.root / "build", course.root / "clean"
    shutil.copytree(build, clean)
    for at in range(1, MANY):
        shutil.rmtree(build)
        shutil.copytree(clean, build)
        if not killed_from_within(course, at):
            return at - 1
        pid = os.fork()  # the parent must stay without threads, which a fork would lose
        if not pid:
            check(course)
        assert os.waitpid(pid, 0)[1] == 0, f"killed at write {at}"
    raise AssertionError("it never came to its end")


def check(course: Course) -> None:
    """A second grader ends what the killed one began, and the state is that of an undisturbed run. Never returns."""
    from final_state import faults, final_state

    try:
        grade_with(course, fakes.Inline())
        expected = course.root / "expected.json"
        state = json.dumps(final_state(course), sort_keys=True, default=repr)
        if not expected.exists():
            expected.write_text(state)
        assert state == expected.read_text()
        assert faults(course) == ()
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])

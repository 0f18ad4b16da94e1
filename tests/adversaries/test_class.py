"""`course grade` itself on a class in which the worst sit beside the diligent."""

import time

import psutil
import pytest
from bench import survivors, usable
from course_copy import UNIT, CourseCopy
from roster import CASES, Kit

from autograder.course import Course
from autograder.model.assignment import Assignment
from autograder.model.examination import PASSED

WORST = (
    "kills_everything", "os_exit_in_the_call", "fork_bomb", "daemon", "memory_without_a_name",
    "output_200_mb_in_one_line", "frames_forged", "frame_of_8_exabytes", "equal_to_everything", "surrogates",
    "parser_chain", "not_json", "deep_json", "odd_types", "foreign_ids", "exception_with_markup",
    "gradebook_trigger",
)
UNLUCKY = ("from_colab", "warns", "prose_in_code", "line_ends", "split")
STRANGE_NAMES = ("=cmd|' -C calc'!A1", "Ünïcode Ñame", "<script>alert(1)</script>")


@pytest.mark.slow
def test_whole_class(tmp_path):
    if usable("bwrap"):
        pytest.skip(f"NOT PROTECTED HERE, NOT TESTED: no sandbox on this machine ({usable('bwrap')})")
    copy = CourseCopy(tmp_path / "course")
    course = Course.load(copy.root)
    kit = Kit(Assignment.read(course, course.unit(UNIT)))
    for name in (*WORST, *UNLUCKY):
        copy.hand_in(name, CASES[name].make(kit))
    for name in STRANGE_NAMES:
        copy.hand_in(name.replace("/", "_"), kit.solved())
    started, before = time.monotonic(), len(psutil.Process().children(recursive=True))
    run = copy.grade("--sandbox", "bwrap")
    assert run.wait(500) in (0, 1), copy.log()
    print(copy.log(), f"{time.monotonic() - started:.0f} s")
    points = {student: score for (student, cell), (score, *_) in copy.scores().items() if cell == "test_rms_dbfs"}
    for name in (*WORST, *UNLUCKY):
        deserved = float(CASES[name].expect.get("rms_dbfs", (PASSED,)) == (PASSED,))
        assert points[name] == deserved, f"{name}: {points[name]}\n{copy.log()}"
    assert len(points) == len(WORST) + len(UNLUCKY) + len(STRANGE_NAMES)
    assert not survivors()
    assert len(psutil.Process().children(recursive=True)) == before
    assert copy.start("verify-grades").wait(60) == 0, copy.log()

"""The gate of named answers, tried on units that are broken in one way each."""

import pytest
from tiny_course import failures

from autograder.audit import answers
from autograder.audit.answers import run_answers
from autograder.audit.report import Count


def audit(tiny, harness):
    audited = tiny.read()
    run_answers(audited, harness)
    return audited


def test_good_unit_passes_and_is_counted(tiny, harness):
    audited = audit(tiny, harness)
    report = audited.report.exercises["double"]
    assert failures(audited) == []
    assert (report.wrong, report.right) == (Count(3, 3), Count(2, 2))
    assert 0 < report.seconds < 5
    assert report.peak_bytes > 1 << 20


def test_wrong_answer_that_passes(tiny, harness):
    tiny.answer("wrong_but_not", "Not a mistake at all.\n\nExpect: anything", "def double(x):\n    return x * 2.0")
    audited = audit(tiny, harness)
    [message] = failures(audited, "wrong answers")
    assert "Not a mistake at all" in message
    assert "passes" in message
    assert audited.report.exercises["double"].wrong == Count(3, 4)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def twice(x):\n    return x", "NameError"),
        ("import nowhere_to_be_found", "ModuleNotFoundError"),
        ("import os\nos._exit(0)", "died"),
        ("import os\nos.kill(os.getpid(), 11)", "signal 11"),
    ],
)
def test_wrong_answer_that_breaks_elsewhere(tiny, harness, code, said):
    tiny.answer("wrong_crash", "It crashes.\n\nExpect: doubled", code)
    [message] = failures(audit(tiny, harness), "wrong answers")
    assert "breaks elsewhere" in message
    assert said in message


def test_wrong_answer_that_never_ends(tiny, harness, monkeypatch):
    monkeypatch.setattr(answers, "ANSWER_SECONDS", 1.0)
    tiny.answer("wrong_endless", "It never ends.\n\nExpect: doubled", "def double(x):\n    while 1:\n        pass")
    [message] = failures(audit(tiny, harness), "wrong answers")
    assert "still running after 1 s" in message


def test_wrong_answer_with_another_message(tiny, harness):
    tiny.answer("wrong_sign", "It flips the sign.\n\nExpect: conjugate", "def double(x):\n    return -2 * x")
    [message] = failures(audit(tiny, harness), "wrong answers")
    assert "every sign is flipped" in message
    assert "conjugate" in message


def test_expected_message_is_found_in_any_case_and_spacing(tiny, harness):
    tiny.answer("wrong_sign", "A flip.\n\nExpect: EVERY  sign IS flipped", "def double(x):\n    return -2 * x")
    assert failures(audit(tiny, harness)) == []


def test_right_answer_that_is_rejected(tiny, harness):
    tiny.answer("right_not_quite", "In half precision.", "def double(x):\n    return np.float16(2 * x).astype(float)")
    audited = audit(tiny, harness)
    [message] = failures(audited, "right answers")
    assert "In half precision" in message
    assert audited.report.exercises["double"].right == Count(2, 3)


def test_right_answer_that_writes_to_stderr(tiny, harness):
    noisy = "import sys\nprint('careful', file=sys.stderr)\ndef double(x):\n    return x + x"
    tiny.answer("right_noisy", "It warns.", noisy)
    [message] = failures(audit(tiny, harness), "right answers")
    assert "stderr" in message
    assert "careful" in message


def test_too_few_answers(tiny, harness):
    for name in ("wrong_same", "right_loop"):
        del tiny.answers[name]
    assert failures(audit(tiny, harness), "answers") == [
        "2 wrong answers, at least 3 are needed", "1 right answers, at least 2 are needed",
    ]


def test_files_that_cannot_serve(tiny, harness):
    tiny.answer("wrong_no_expectation", "It lacks a line.", "def double(x):\n    return x")
    tiny.answer("almost_right", "It has no kind.", "def double(x):\n    return x")
    tiny.answer("right_syntax", "It is not Python.", "def double(x:")
    audited = tiny.read()
    stray = audited.unit.tests / "dubble" / "wrong_x.py"
    stray.parent.mkdir()
    stray.write_text("")
    run_answers(audited, harness)
    told = " ".join(failures(audited, "answers"))
    for part in ("no line `Expect", "not a named answer", "not Python", "'dubble'"):
        assert part in told


def test_solution_that_fails_its_own_check(tiny, harness):
    tiny.cells["answer"] = tiny.cells["answer"].replace("2 * x", "3 * x")
    [message] = failures(audit(tiny, harness), "solution")
    assert "1.5 times" in message


def test_check_that_rejects_the_solution_for_some_private_seeds(tiny, harness):
    rarely = "expect(grading_rng().integers(10**9) % 10, 'a rare number')\n### END"
    tiny.cells["test"] = tiny.cells["test"].replace("### END", rarely)
    assert not failures(audit(tiny, harness)), "one of the three seeds of every audit was rare: choose another number"
    audited = tiny.read()
    run_answers(audited, harness, soak=40)
    told = failures(audited, "solution") + failures(audited, "right answers")
    assert len(told) > 1
    assert all("a rare number" in message for message in told)


def test_wrong_answer_that_passes_for_some_private_seeds(tiny, harness):
    tiny.answer("wrong_sometimes", "It doubles at times.\n\nExpect: sign", """
import os
def double(x):
    return x * (2 if os.environ["COURSE_GRADING_SEED"].endswith("7") else -2)
""")
    assert not failures(audit(tiny, harness), "wrong answers")
    audited = tiny.read()
    run_answers(audited, harness, soak=8)
    [message] = failures(audited, "wrong answers")
    assert "passes" in message


def test_graded_cell_that_writes_to_stderr(tiny, harness):
    tiny.cells["test"] += "import sys\nprint('psst', file=sys.stderr)\n"
    [message] = failures(audit(tiny, harness), "solution")
    assert "stderr" in message


def test_graded_cell_that_ends_in_a_number(tiny, harness):
    tiny.cells["test"] += "0.5\n"
    [message] = failures(audit(tiny, harness), "solution")
    assert "partial credit" in message


def test_result_that_differs_the_second_time(tiny, harness):
    tiny.cells["test"] += "print(np.random.default_rng().standard_normal())\n"
    assert failures(audit(tiny, harness)) == ["the graded cells print something else when they run again"]


def test_too_slow(tiny, harness, monkeypatch):
    monkeypatch.setattr(answers, "TEST_SECONDS", 0.2)
    tiny.cells["test"] += "import time\ntime.sleep(0.3)\n"
    [message] = failures(audit(tiny, harness), "test time")
    assert "at most 0 s" in message


def test_answers_do_not_see_each_other(tiny, harness):
    """An answer may write where it likes: the next one starts from the setup cell."""
    tiny.answer("right_vandal", "It breaks numpy for itself.", """\
        def double(x):
            return x + x
        keep, np.ones = np.ones, None
        """)
    assert failures(audit(tiny, harness)) == []

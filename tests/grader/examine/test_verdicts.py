"""The verdict of every kind of answer, and that the other exercises do not suffer from it."""

import dataclasses
import re

import pytest
import tiny
from by_hand import extra
from tiny import LIMITS, by_id, others_passed

from autograder.model.examination import (
    BROKEN,
    CRASHED,
    MANUAL,
    MISSING,
    PASSED,
    REFUSED,
    TIMEOUT,
    WRONG,
)


def test_right_answers_get_all_points_and_prose_waits_for_a_person(examine):
    done = examine()
    assert [r.grade_id for r in done.results] == ["test_double", "test_scale", "test_table", "test_triple", "explain"]
    assert [r.score for r in done.results] == [2, 2, 2, 2, None]
    assert by_id(done)["explain"].status == MANUAL
    assert by_id(done)["double"].printed == "✓ double: 5 signals\n"
    assert (done.sessions, done.faults, done.score, done.points) == (1, (), 8, 11)
    assert set(done.exercise_seconds) == {r.grade_id for r in done.results}
    assert sum(done.exercise_seconds.values()) <= done.seconds


def test_the_blank_release_gets_nothing_and_each_cell_says_why(examine):
    done = examine(tiny.STUBS)
    assert {r.status for r in done.results} == {MISSING}
    assert [r.score for r in done.results] == [0.0] * 5
    assert by_id(done)["double"].message == "`double` is not written yet."
    assert by_id(done)["table"].message == "`TABLE` is not written yet."
    assert done.faults == ()


ANSWERS = {
    "wrong": ("double", "def double(x): return x * x", WRONG, "it was squared"),
    "raises": ("double", "def double(x):\n    return x / [][0]", WRONG, r"IndexError.*\nin line 2: return x"),
    "not even Python": ("double", "Here you double it.", WRONG, "SyntaxError in line 1"),
    "raises before it is defined": ("double", "1 / 0\ndef double(x): return 2 * x", WRONG, "ZeroDivisionError in"),
    "raises after it is defined": ("double", "def double(x): return 2 * x\n1 / 0", PASSED, ""),
    "none": ("double", None, MISSING, "does not exist"),
    "empty": ("double", "", MISSING, "does not exist"),
    "another name": ("double", "def twice(x): return 2 * x", MISSING, "does not exist"),
    "an ellipsis": ("double", "double = ...", MISSING, "not written yet"),
    "no function": ("double", "double = 3", WRONG, "it should be a function"),
    "an object": ("double", "double = open(os.devnull)", WRONG, "TextIOWrapper"),
    "a module instance": (
        "double", "class D(nn.Module):\n    def forward(self, x): return 2 * x\ndouble = D()", PASSED, ""),
    "a generator": ("double", "def double(x):\n    for v in x: yield 2 * v", PASSED, ""),
    "a variable that is a function": ("table", "def TABLE(): return {'a': 1}", WRONG, "a function, which is not data"),
    "a wrong variable": ("table", "TABLE = {'a': 1}", WRONG, "the table is wrong"),
    "a variable that is too large": ("table", "TABLE = np.zeros(10 ** 7)", REFUSED, "too large"),
    "dies in the cell": ("double", "os._exit(3)", CRASHED, "exit status 3"),
    "dies in the call": ("double", "def double(x): os._exit(3)", CRASHED, "exit status 3"),
    "killed": ("double", "def double(x): os.kill(os.getpid(), 9)", CRASHED, "signal 9"),
    "leaves": ("double", "def double(x): raise SystemExit", WRONG, "SystemExit"),
    "a stop": ("double", "def double(x): raise KeyboardInterrupt", WRONG, "KeyboardInterrupt"),
    "too large": ("double", "def double(x): return np.zeros(10 ** 7)", REFUSED, "too large"),
    "too many values": ("double", "def double(x): return [None] * 3_000_000", REFUSED, "too many values"),
    "not data": ("double", "def double(x): return print", WRONG, "not data"),
    "no class": ("scale", "Scale = nn.Identity", WRONG, "no parameter or buffer called 'gain'"),
    "equal to everything": (
        "double", "class E:\n    def __eq__(self, other): return True\ndef double(x): return E()", WRONG, "not data"),
    "tests for the notebook": ("double", "def double(x): return 2 * x if 'ipykernel' in str(x) else x", WRONG, "wrong"),
    "writes on the line": (
        "double", "import gc, socket\ndef double(x):\n    for o in gc.get_objects():\n"
        "        if type(o) is socket.socket and o.fileno() > 2:\n            o.send(b'\\x02' + bytes(7) + b'xx')\n"
        "    return 2 * x", REFUSED, "not a result"),
    "closes the line": (
        "double", "def double(x):\n    os.closerange(3, 999)\n    return 2 * x", CRASHED, "ended"),
    "replaces the loop": (
        "double", "import autograder.remote.server as s\ns.Server.reply = lambda self, message: b'{\"passed\": true}'\n"
        "def double(x): return x", REFUSED, "not a result"),
    "replaces the subjects": (
        "double", "import sys\nlocal = sys.modules['course_lib.checks.core.subject'].LocalSubject\n"
        "local.call = lambda *a, **k: True\ndef double(x): return x", WRONG, "shape"),
    "replaces the checks": (
        "double", "import course_lib.checks.core as c\nfor n in dir(c):\n"
        "    if n.startswith('expect'): setattr(c, n, print)\ndef double(x): return x", WRONG, "the double is wrong"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_verdict_of(examine, name):
    grade_id, answer, status, says = ANSWERS[name]
    done = examine({grade_id: answer})
    got = by_id(done)[grade_id]
    assert got.status == status, got
    assert re.search(says, got.message, re.S), got.message
    assert got.score == (2.0 if status == PASSED else None if status == BROKEN else 0.0)
    if "replaces" not in name:
        assert others_passed(done, grade_id), done.results


def test_a_refused_file_is_refused_everywhere(examine):
    done = examine(refused="this is not a notebook")
    assert {(r.status, r.score, r.message) for r in done.results} == {(REFUSED, 0.0, "this is not a notebook")}
    assert done.sessions == 0


@pytest.mark.parametrize(("text", "status"), [(None, MISSING), ("", MISSING), ("**Why?**", MISSING),
                                              (tiny.STUBS["explain"] + "\n", MISSING), ("**Why?** Energy.", MANUAL)])
def test_a_question_in_words(examine, text, status):
    got = by_id(examine({"explain": text, "scale": None, "table": None, "triple": None}))["explain"]
    assert (got.status, got.score) == (status, None if status == MANUAL else 0.0)


def test_an_experiment_below_does_not_replace_the_answer_but_may_be_it(examine):
    experiment = extra("def double(x): return -x")
    assert others_passed(examine(extra=[experiment]))
    assert by_id(examine({"double": "def double(x): return -x"}, extra=[extra(tiny.DOUBLE)]))["double"].status == WRONG
    assert others_passed(examine({"double": tiny.STUBS["double"]}, extra=[extra(tiny.DOUBLE)]))
    assert others_passed(examine({"double": None}, extra=[extra(tiny.DOUBLE)]))


def test_cells_that_raise_are_told_in_the_order_of_the_notebook(examine):
    done = examine({"triple": tiny.TRIPLE + "\nraise ValueError('late')"}, before=[extra("import nothing", "cell 2")],
                   extra=[extra("open('/very/secret/path/file.wav')", "cell 8")])
    assert [(f.label, f.status) for f in done.faults] == [("cell 2", WRONG), ("triple", WRONG), ("cell 8", WRONG)]
    assert done.faults[0].message == "ModuleNotFoundError in line 1: No module named 'nothing'"
    assert "secret" not in done.faults[2].message
    assert "file.wav" in done.faults[2].message
    assert others_passed(done)


def test_what_an_answer_prints_is_not_what_the_check_prints(examine):
    done = examine({"double": "def double(x):\n    print('✓ double: full marks')\n    return x"})
    assert by_id(done)["double"].printed == ""
    assert done.output.count("full marks") >= 1
    assert done.output_bytes >= len(done.output)


def test_a_check_that_is_wrong_itself_is_the_fault_of_the_course(examine):
    for broken in ("import nothing_at_all", "expect_equal(nowhere, 3, 'x')", "subject(double).call(1) + 'text'",
                   "subject(double).call(object())"):
        got = by_id(examine(tests={"double": broken}))["double"]
        assert (got.status, got.score) == (BROKEN, None), (broken, got)
        assert "fault of the course" in got.message


def test_a_check_that_cannot_digest_an_answer_is_not(examine):
    tests = {"double": "value = subject(double).call(1)\nexpect(value + 1 == 3, 'no')\npassed('double', 'x')"}
    done = examine({"double": "def double(x): return 'two'"}, tests=tests)
    assert by_id(done)["double"].status == WRONG
    assert "could not digest what your answer returned: TypeError" in by_id(done)["double"].message
    assert others_passed(done, "double")


def test_a_check_is_bounded_whatever_the_answer_makes_of_it(examine):
    loops = "n = subject(double).call(1)\nwhile n != 2: n = n + 0\npassed('double', 'x')"
    grows = "n = subject(double).call(1)\nnp.ones(2 ** (10 * n))\npassed('double', 'x')"
    limits = dataclasses.replace(LIMITS, exercise_seconds=1.0)
    done = examine({"double": "def double(x): return 3"}, tests={"double": loops}, limits=limits)
    assert by_id(done)["double"].status == TIMEOUT
    assert "took too long" in by_id(done)["double"].message
    done = examine({"double": "def double(x): return 3"}, tests={"double": grows})
    assert by_id(done)["double"].status == WRONG
    assert others_passed(done, "double")


def test_two_students_get_other_numbers_and_one_student_the_same(examine):
    tells = {"double": "def double(x): return 'x'"}
    tests = {"double": "expect(False, str(grading_rng().integers(10 ** 9)))\nsubject(double)"}
    told = [by_id(examine(tells, tests=tests, student=who, secret=secret))["double"].message
            for who, secret in (("anna", b"1"), ("anna", b"1"), ("bert", b"1"), ("anna", b"2"))]
    assert told[0] == told[1]
    assert len(set(told)) == 3


def test_the_same_submission_twice_is_the_same_verdict(examine):
    answers = {
        "double": "import random\ndef double(x):\n    raise ValueError(random.random(), np.random.rand(), "
        "torch.rand(1), hash('x'), object(), {'a', 'b', 'c'})",
        "scale": "1 / 0", "table": "TABLE = [random.random() for _ in range(3)]", "triple": "os._exit(1)",
    }
    first, second = examine(answers), examine(answers)
    assert first.verdict() == second.verdict()
    assert "0x…" in by_id(first)["double"].message


def test_nothing_of_the_test_is_in_what_a_student_sees(examine):
    hidden = "expect_close(subject(double).call(1.0), 2.0, 'it')  # secret_of_the_test\n"
    hidden += "np.zeros(3) + subject(triple).call(1)"
    done = examine({"double": "def double(x): return 2.0", "triple": "def triple(x): return np.ones(4)"},
                   tests={"double": hidden})
    text = repr(done)
    assert "secret_of_the_test" not in text
    assert "graded cell" not in text
    assert "/work/" not in text


def test_a_fault_of_the_course_is_logged_for_the_instructor(examine, caplog):
    examine(tests={"double": "subject(double).call(1) + 'text'", "triple": "expect_equal(nowhere, 3, 'x')"})
    assert "TypeError" in caplog.text
    assert "triple uses nowhere" in caplog.text


def test_a_check_reads_attached_files_and_hands_on_what_it_measured(examine, tmp_path):
    file = tmp_path / "weights.bin"
    file.write_bytes(b"12345")
    test = (
        "from course_lib.checks.core.attachments import attached\nfrom course_lib.checks.core.measure import measured\n"
        "measured('size', attached('weights.bin').stat().st_size)\nsubject(double).call(1)"
    )
    reads = {"double": "def double(x): return len(open('weights.bin').read())"}
    got = by_id(examine(reads, tests={"double": test}, attachments={"weights.bin": file}))["double"]
    assert (got.status, got.measured) == (PASSED, {"size": 5.0})
    got = by_id(examine(tests={"double": test}))["double"]
    assert got.status == WRONG
    assert "hand it in beside the notebook" in got.message


def test_a_graded_cell_may_call_the_answer_itself(examine):
    tests = {"double": "assert double(2) == 4, 'twice two'\nassert double(x=np.ones(2)).sum() == 4"}
    assert others_passed(examine(tests=tests))
    got = by_id(examine({"double": "def double(x): return x"}, tests=tests))["double"]
    assert (got.status, got.message) == (WRONG, "an assertion of the check failed. twice two")

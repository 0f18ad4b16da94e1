"""Replies that no honest server writes: each is one clean failure, and the check behind it gets no value."""

import numpy as np
import pytest
from forked import Student

from autograder.remote.client import ProtocolFault, Remote, ResultTooLarge
from autograder.remote.encode import encode
from autograder.remote.subject import RemoteModule, RemoteSubject
from course_lib.checks.core import CheckFailed


def remote_saying(*replies: object) -> Remote:
    """A line on which the given replies arrive, whatever is asked; a dict is encoded."""
    queue = list(replies)
    return Remote(lambda message, limit: encode(r) if isinstance(r := queue.pop(0), dict) else r, 1 << 20)


@pytest.mark.parametrize(
    "reply",
    [
        b"", b"\x80\x04pickle", {}, {"ok": 3}, {"n": 2, "ok": 3}, {"n": "1", "ok": 3}, {"n": True, "ok": 3},
        {"n": 1.0, "ok": 3}, {"n": 1, "ok": 3, "passed": True}, {"n": 1}, {"n": 1, "failed": "check"},
        {"n": 1, "failed": ["check"], "message": "x"}, {"n": 1, "failed": "check", "message": 3}, {"n": None, "ok": 1},
    ],
    ids=str,
)
def test_a_forged_envelope_is_no_value(reply):
    with pytest.raises(ProtocolFault):
        RemoteSubject(remote_saying(reply), 1, "f").call(1)


def test_a_reply_to_the_last_request_is_not_one_to_this():
    f = RemoteSubject(remote_saying({"n": 1, "ok": 3}, {"n": 1, "ok": 3}), 1, "f")
    assert f.call() == 3
    with pytest.raises(ProtocolFault, match="another request"):
        f.call()


@pytest.mark.parametrize("value", [None, "1", 1.0, True, -1, [1]], ids=str)
def test_a_handle_is_a_number(value):
    with pytest.raises(ProtocolFault, match="handle"):
        RemoteSubject(remote_saying({"n": 1, "ok": value}), 1, "f").build()


@pytest.mark.parametrize("value", [None, [], {"a": 1}, {1: np.zeros(2)}, {"a": np.array(["x"])}, {"a": [1.0]}], ids=str)
@pytest.mark.parametrize("method", ["parameters", "gradients"])
def test_parameters_and_gradients_are_arrays_by_name(value, method):
    module = RemoteModule(remote_saying({"n": 1, "ok": value}), 1, "f")
    with pytest.raises(ProtocolFault, match="arrays"):
        getattr(module, method)()


@pytest.mark.parametrize("value", [float("nan"), 10**400, {"x": [[[[1]]]]}, "\ud800", b"\0"], ids=str)
def test_odd_data_is_data(value):
    got = RemoteSubject(remote_saying({"n": 1, "ok": value}), 1, "f").call()
    assert got == value or value != value


def test_a_message_is_capped():
    with pytest.raises(CheckFailed) as failure:
        RemoteSubject(remote_saying({"n": 1, "failed": "check", "message": "x" * 100_000}), 1, "f").call()
    assert len(failure.value.message) == 4000


def test_a_result_beyond_the_limit_is_told_and_the_line_stays_open():
    cell = "def large(n): return np.zeros(n)\ndef text(n): return 'x' * n\ndef lists(n): return [None, 1.5] * n"
    with Student(cell) as one:
        for name, n in (("large", 2 << 20), ("text", 9 << 20), ("lists", 1_100_000)):
            found = one.remote.ask("describe", name=name)
            f = RemoteSubject(one.remote, found["handle"], name)
            with pytest.raises(ResultTooLarge):
                f.call(n)
            assert len(f.call(10)) >= 10


FORGERIES = {
    "a second answer": "os.write(fd(), struct.pack('<Q', 3) + b'abc')",
    "an answer in advance": "from autograder.remote.encode import encode\n"
    "from forked import Channel\n"
    "Channel(sock()).send(encode({'n': 2, 'ok': {'kind': 'data', 'value': 42}}))",
    "a length that is never sent": "os.write(fd(), struct.pack('<Q', 2 ** 60))",
}
TOOLS = """
import gc, os, socket, struct
def sock(): return next(o for o in gc.get_objects() if type(o) is socket.socket and o.fileno() >= 0)
def fd(): return sock().fileno()
"""


@pytest.mark.parametrize("name", FORGERIES)
def test_a_cell_that_writes_on_the_line_itself_spoils_only_its_own_session(name):
    def ask_on(remote):
        remote.ask("run_cell", source=TOOLS + FORGERIES[name])
        remote.ask("describe", name="f")
        remote.ask("describe", name="f")

    with Student() as one, pytest.raises((ProtocolFault, ConnectionError, EOFError)):
        ask_on(one.remote)


def test_a_forked_copy_of_the_loop_does_not_answer():
    with Student("import os\npid = os.fork()\nif pid: os.waitpid(pid, 0)") as one:
        assert one.fault is None
        assert one.remote.ask("describe", name="pid")["kind"] == "data"


@pytest.mark.parametrize(
    ("cell", "error"),
    [("1/0", ("ZeroDivisionError", 1)), ("x = 1\ndef f(:\n", ("SyntaxError", 2)),
     ("code = 1\nraise SystemExit(3)", ("SystemExit", 2)),
     ("class E(Exception):\n    def __str__(self): raise ValueError\nraise E", ("E", 3)),
     ("get_ipython().run_cell = None", None), ("raise KeyboardInterrupt", ("KeyboardInterrupt", 1)),
     ("def deep(): return deep()\ndeep()", ("RecursionError", 2))],
)
def test_a_cell_that_raises_is_reported_with_its_line(cell, error):
    with Student(cell) as one:
        assert (one.fault and (one.fault["type"], one.fault["line"])) == error

"""The stand-ins against the real thing: what a check sees of an answer is the same in both processes."""

import re
import time

import numpy as np
import pytest
import torch
from forked import Student

from autograder.remote.decode import decode
from autograder.remote.encode import encode
from autograder.remote.subject import RemoteModule, RemoteSubject
from course_lib.checks.core import CheckFailed, ModuleSubject, Subject, subject

CELL = '''
import sys, itertools
from numpy import ndarray

def add(a, b=1): return a + b
def divide(x, bins=0):
    return x / [][bins]
def swallow(*args, **kwargs): return [type(a).__name__ for a in args] + sorted(kwargs)
def layout(x): return list(x.strides if isinstance(x, np.ndarray) else x.stride()), bool(getattr(x, "requires_grad", 0))
def spoil(x):
    x[...] = 99
    return x
def count(n): yield from range(n)
def endless():
    while True: yield 1
def leaves(): sys.exit("bye")
def stack(): return stack()
def unwritten(): raise NotImplementedError()
def stop(): raise KeyboardInterrupt
def harsh():
    class E(BaseException): pass
    raise E("over the wall")
def functions(): return print
def half(x): return (x * 0.5).to(torch.bfloat16)
def quantised(): return torch.quantize_per_tensor(torch.ones(3), 0.1, 0, torch.quint8)
def large(n): return np.zeros(n)
def square(x, w): return (x ** 2 * w, x)

class Linear(nn.Module):
    def __init__(self, n_in, n_out, dtype=torch.float32):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_out, n_in, dtype=dtype))
        self.register_buffer("count", torch.zeros(1))
    def forward(self, x): return x @ self.weight.T
    def scaled(self, x, by=2): return self.forward(x) * by
    def mode(self): return self.training

instance = Linear(2, 2)
numbers = {"a": [1, 2.5], "b": np.arange(3)}
not_yet = ...
opened = open("/dev/null")
'''


@pytest.fixture(scope="module")
def student():
    with Student(CELL) as one:
        assert one.fault is None
        yield one


@pytest.fixture(scope="module")
def local():
    names = {"np": np, "torch": torch, "nn": torch.nn}
    exec(compile(CELL, "cell", "exec"), names)
    return names


def remote(student, name):
    """The stand-in of a name."""
    found = student.remote.ask("describe", name=name)
    assert found["kind"] == "callable"
    return RemoteSubject(student.remote, found["handle"], found["name"])


def outcome(f, method, args, kwargs):
    try:
        return getattr(f, method)(*args, **kwargs)
    except CheckFailed as error:
        return re.sub(r"\nin line .*", "", error.message)  # `exec` here keeps no source to name a line of


CALLS = [
    ("add", (1,), {}), ("add", (np.ones((2, 3)), 2.5), {}), ("add", (torch.ones(2), np.float32(1)), {}),
    ("add", ("a", 1), {}), ("add", (), {}), ("divide", (np.zeros((2, 3)),), {"bins": 5}),
    ("swallow", (None, True, 1, 1.5, 2j, "x", b"x", [1], (1,), {1: 2}, np.zeros(1), torch.ones(1), np.int64(1)),
     {"k": 1}),
    ("count", (5,), {}), ("endless", (), {}), ("leaves", (), {}), ("stack", (), {}), ("unwritten", (), {}),
    ("harsh", (), {}), ("functions", (), {}), ("half", (torch.ones(3),), {}), ("spoil", (np.zeros(3),), {}),
    ("layout", (np.ones((3, 4)).T,), {}), ("layout", (torch.ones(3, 4).mT,), {}), ("layout", (np.ones(9)[::-2],), {}),
    ("layout", (torch.ones(3, 4, requires_grad=True),), {}), ("layout", (torch.ones(4).expand(3, 4),), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), CALLS, ids=lambda v: v if isinstance(v, str) else "")
def test_a_call_gives_the_same_value_or_the_same_message(student, local, name, args, kwargs):
    here = outcome(subject(local[name]), "call", args, kwargs)
    there = outcome(remote(student, name), "call", args, kwargs)
    assert type(there) is type(here)
    if isinstance(here, (np.ndarray, torch.Tensor)):
        assert (there.dtype, there.shape) == (here.dtype, here.shape)
        assert bool((there == here).all())
    else:
        assert there == here


def test_the_line_of_the_cell_is_named(student):
    with pytest.raises(CheckFailed, match=r"in line 6: return x / \[\]\[bins\]"):
        remote(student, "divide").call(1)


def test_gradients_of_a_function(student, local):
    x, w = torch.randn(4, 3), torch.randn(4, 3)
    for output, cotangent in ((0, None), (0, np.ones((4, 3), np.float32)), (1, None), (None, None), (0, np.ones(2))):
        here = outcome(subject(local["square"]), "gradients", (x, w), {"output": output, "cotangent": cotangent})
        there = outcome(remote(student, "square"), "gradients", (x, w), {"output": output, "cotangent": cotangent})
        np.testing.assert_equal(there, here)


def test_a_module_is_built_loaded_called_and_counted(student, local):
    rng = np.random.default_rng(0)
    W, x = rng.normal(size=(2, 3)).astype(np.float32), torch.from_numpy(rng.normal(size=(4, 3)).astype(np.float32))
    results = []
    for f in (subject(local["Linear"]), remote(student, "Linear")):
        module = f.build(3, 2)
        module.load({"weight": W, "count": [7.0]})
        module.train(False)
        results.append([
            module.parameters(), module.forward(x).numpy(), module.method("scaled", x, by=3).numpy(),
            module.method("mode"), module.gradients(x, cotangent=np.ones((4, 2), np.float32)),
            outcome(module, "load", ({"W": W},), {}), outcome(module, "load", ({"weight": W.T},), {}),
            outcome(module, "method", ("encode",), {}),
            outcome(module, "forward", (torch.ones(4, 9),), {}), f.build(3, 2, dtype=torch.bfloat16).parameters(),
        ])
    np.testing.assert_equal(results[1], results[0])


def test_what_a_variable_is(student):
    def ask(name):
        return student.remote.ask("describe", name=name)

    assert ask("absent") == {"kind": "missing"}
    assert ask("not_yet") == {"kind": "ellipsis"}
    assert ask("numbers")["value"]["a"] == [1, 2.5]
    assert ask("opened")["kind"] == "other"
    assert (ask("instance")["kind"], ask("instance")["name"]) == ("callable", "Linear")
    assert remote(student, "instance").call(torch.ones(1, 2)).shape == (1, 2)


def test_stand_ins_are_subjects_to_the_checks(student):
    f = remote(student, "add")
    assert isinstance(f, Subject)
    assert subject(f) is f
    with pytest.raises(CheckFailed, match="`plus` raised"):
        subject(f, "plus").call()
    for method in ("forward", "method", "parameters", "load", "gradients", "train"):
        assert hasattr(RemoteModule, method)
        assert hasattr(ModuleSubject, method)


def test_instances_that_are_gone_here_are_gone_there(student):
    f = remote(student, "Linear")
    handles = [f.build(2, 2)._handle for _ in range(5)]
    assert len(set(handles)) == 5
    remote(student, "add").call(1)
    with pytest.raises(CheckFailed, match="KeyError"):
        student.remote.ask("parameters", handle=handles[0])


@pytest.mark.parametrize("name", ["stop", "quantised"])
def test_the_loop_survives_what_a_call_does(student, name):
    with pytest.raises(CheckFailed):
        remote(student, name).call()
    assert remote(student, "add").call(1) == 2


def test_a_call_costs_little():
    """Both ends of the codec for a small call: about 0.1 ms of computing; the bound leaves room for slow machines."""
    request = {"n": 1, "op": "call", "handle": 1, "name": "f", "args": (torch.zeros(2, 90), 16, 4), "kwargs": {}}
    reply = {"n": 1, "ok": torch.zeros(2, 9, 23, dtype=torch.complex64)}

    def there_and_back():
        decode(encode(request, to_student=True), from_grader=True)
        decode(encode(reply))

    assert min(_seconds(there_and_back) for _ in range(9)) < 5e-4


def _seconds(work, count: int = 100) -> float:
    started = time.thread_time()
    for _ in range(count):
        work()
    return (time.thread_time() - started) / count

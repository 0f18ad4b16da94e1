"""Subjects: data in, data out; whatever the student's code does becomes one message and nothing on stderr."""

import sys

import hostile
import numpy as np
import pytest
import torch
from torch import nn

from course_lib.checks.core import CheckFailed, LocalSubject, Subject, describe, register_subject_type, subject


def failing(answer, *args, **kwargs):
    """What the check says when `answer` is called."""
    with pytest.raises(CheckFailed) as failure:
        subject(answer).call(*args, **kwargs)
    return failure.value.message


def test_a_local_function_and_a_subject_are_the_same_to_a_check():
    local = subject(lambda x: x + 1)
    assert isinstance(local, Subject)
    assert subject(local) is local
    assert local.call(2) == 3
    assert subject(len, "count").name == "count"


@pytest.mark.parametrize("answer", [None, ..., 3, "text", [], np.zeros(3), hostile.Unshowable()], ids=describe)
def test_an_answer_that_cannot_be_called_is_named(answer):
    with pytest.raises(CheckFailed, match="should be a function or a class"):
        subject(answer)
    with pytest.raises(CheckFailed, match="`stft` is"):
        subject(answer, "stft")


def test_writing_into_the_inputs_reaches_neither_the_caller_nor_the_other_argument():
    def spoil(a, b, nest):
        a[...] = 99
        nest[0][...] = 99
        return b

    x, t = np.zeros(3), torch.zeros(3)
    assert subject(spoil).call(x, x, [t]).tolist() == [0, 0, 0]
    assert x.tolist() == t.tolist() == [0, 0, 0]


def test_the_result_shares_no_memory_with_what_the_answer_keeps():
    kept = np.zeros(3)
    result = subject(lambda: kept).call()
    kept[...] = 5
    assert result.tolist() == [0, 0, 0]


def test_errors_say_what_was_raised_where_and_for_which_arguments():
    def divide(x, bins=0):
        return x / [][bins]

    text = failing(divide, np.zeros((2, 3)), bins=5)
    assert "`divide` raised IndexError" in text
    assert "return x / [][bins]" in text
    assert "float64 array of shape (2, 3), bins=5" in text


def exits():
    sys.exit("bye")


def stack():
    return stack()


def bad_message():
    class E(Exception):
        def __str__(self):
            raise RuntimeError

    raise E


def outside_of_exception():
    class E(BaseException):
        pass

    raise E("over the wall")


def long_message():
    raise ValueError("x" * 10**6)


def not_written():
    raise NotImplementedError()


def lacks_in_torch():
    return torch.zeros(2, dtype=torch.float8_e5m2) + 1


def needs_more(a, b):
    return a + b


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (exits, "SystemExit"), (stack, "calls itself without end"), (bad_message, "raised E"),
        (outside_of_exception, "over the wall"), (long_message, "ValueError: xxx"), (not_written, "is not written yet"),
        (lacks_in_torch, "raised"), (needs_more, "missing 2 required positional arguments"),
        (lambda: print, "did you forget to call it"), (lambda: (i for i in "ab"), None), (lambda: {1}, "list first"),
        (lambda: hostile.EqualsEverything(), "not data"),
    ],
)
def test_every_failure_is_one_message(answer, says):
    if says is None:
        assert subject(answer).call() == ["a", "b"]
        return
    text = failing(answer)
    assert says in text
    assert len(text) < 1000


def test_a_stop_by_the_student_is_not_swallowed():
    def stopped():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        subject(stopped).call()


def test_an_endless_generator_is_refused():
    def ones():
        while True:
            yield 1

    assert "holds more than" in failing(ones)


class Linear(nn.Module):
    def __init__(self, n_in, n_out, dtype=torch.float32):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(n_out, n_in, dtype=dtype))
        self.register_buffer("count", torch.zeros(1))

    def forward(self, x):
        return x @ self.weight.T

    def scaled(self, x, by=2):
        return self.forward(x) * by


def test_a_module_is_reached_by_data_only():
    module = subject(Linear).build(3, 2)
    rng = np.random.default_rng(1)
    W, x = rng.normal(size=(2, 3)).astype(np.float32), torch.from_numpy(rng.normal(size=(4, 3)).astype(np.float32))
    assert {k: v.shape for k, v in module.parameters().items()} == {"weight": (2, 3)}
    module.load({"weight": W, "count": [7.0]})
    np.testing.assert_allclose(module.forward(x).numpy(), x.numpy() @ W.T, rtol=1e-5)
    np.testing.assert_allclose(module.method("scaled", x, by=3).numpy(), 3 * x.numpy() @ W.T, rtol=1e-5)
    cotangent = rng.normal(size=(4, 2)).astype(np.float32)
    gradients = module.gradients(x, cotangent=cotangent)
    np.testing.assert_allclose(gradients["weight"], cotangent.T @ x.numpy(), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(gradients["input0"], cotangent @ W, rtol=1e-4, atol=1e-6)
    again = module.gradients(x, cotangent=cotangent)
    np.testing.assert_array_equal(again["weight"], gradients["weight"])  # gradients do not add up over calls
    assert x.grad is None


def test_parameters_are_copies_and_may_be_bfloat16():
    module = subject(Linear).build(3, 2, dtype=torch.bfloat16)
    module.parameters()["weight"][...] = 9
    assert not module.parameters()["weight"].any()


def test_a_wrong_name_or_shape_in_load_is_told_with_the_names_there_are():
    module = subject(Linear).build(3, 2)
    with pytest.raises(CheckFailed, match="no parameter or buffer called 'W'; it has count, weight"):
        module.load({"W": np.zeros((2, 3))})
    with pytest.raises(CheckFailed, match="size mismatch for weight"):
        module.load({"weight": np.zeros((3, 3))})


def module_with(forward):
    return type("Net", (Linear,), {"forward": forward})


@pytest.mark.parametrize(
    ("forward", "says"),
    [
        (lambda self, x: x.detach().numpy() @ np.zeros((3, 2)), "one torch tensor"),
        (lambda self, x: (x @ self.weight.T).detach(), "no gradient"),
        (lambda self, x: (x @ self.weight.T)[:, :1], "should have shape (4, 2), got (4, 1)"),
        (lambda self, x: (x, x), "one torch tensor"),
        (lambda self, x: None, "one torch tensor"),
        (lambda self, x: x @ self.missing, "AttributeError"),
    ],
)
def test_gradients_that_cannot_be_had_say_why(forward, says):
    with pytest.raises(CheckFailed) as failure:
        subject(module_with(forward)).build(3, 2).gradients(torch.ones(4, 3), cotangent=np.ones((4, 2), np.float32))
    assert says in failure.value.message


def test_a_module_without_forward_and_one_without_its_method_are_told():
    empty = subject(type("Empty", (nn.Module,), {})).build()
    with pytest.raises(CheckFailed, match="not written yet"):
        empty.forward(torch.ones(1))
    with pytest.raises(CheckFailed, match="no attribute 'encode'"):
        empty.method("encode")


def test_train_switches_the_mode():
    module = subject(nn.Dropout).build(0.5)
    x = torch.ones(1000)
    module.train(False)
    assert module.forward(x).tolist() == x.tolist()
    module.train()
    assert 300 < int((module.forward(x) == 0).sum()) < 700


class ClaimsToBeOne:
    """Calls itself a subject, and answers every comparison by itself."""

    is_subject = True
    name = "forged"

    def call(self, *args, **kwargs):
        return hostile.EqualsEverything()

    def __call__(self, *args):
        return hostile.EqualsEverything()


class EqualToLocalSubject(ClaimsToBeOne, metaclass=hostile.EqualTypes):
    """Its class equals LocalSubject, and has its hash."""


EqualToLocalSubject.__class__.__hash__ = lambda cls: hash(LocalSubject)


class PretendedSubject(ClaimsToBeOne):
    __class__ = LocalSubject


class SubclassOfOne(LocalSubject):
    """Inherits from the real one."""

    def call(self, *args, **kwargs):
        return hostile.EqualsEverything()


@pytest.mark.parametrize("forged", [ClaimsToBeOne(), EqualToLocalSubject(), PretendedSubject()])
def test_an_answer_that_claims_to_be_a_subject_is_wrapped_like_any_other(forged):
    wrapped = subject(forged)
    assert type(wrapped) is LocalSubject
    assert wrapped is not forged
    with pytest.raises(CheckFailed, match="not data"):
        wrapped.call()


def test_a_subclass_of_a_subject_is_none():
    with pytest.raises(CheckFailed, match="should be a function or a class"):
        subject(SubclassOfOne(len, "f"))


def test_a_registered_type_is_a_subject_and_a_name_goes_with_it():
    @register_subject_type
    class Stand(LocalSubject):
        pass

    stand = Stand(len, "f")
    assert subject(stand) is stand
    assert subject(stand, "length").name == "length"
    assert stand.name == "f"

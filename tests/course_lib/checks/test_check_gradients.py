"""Gradients of a function under check: right values, one of several results, and a loss that left the graph."""

import numpy as np
import pytest
import torch

from course_lib.checks.core import CheckFailed, subject


def test_gradient_of_every_tensor_argument():
    x, y = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 5.0])
    got = subject(lambda a, b, c: a * b * c).gradients(x, y, 2.0, cotangent=np.array([1.0, 10.0]))
    assert got["input0"].tolist() == [6.0, 100.0]
    assert got["input1"].tolist() == [2.0, 40.0]
    assert set(got) == {"input0", "input1"}
    assert not x.requires_grad


def test_one_of_several_results():
    got = subject(lambda a: (a.square(), a.long())).gradients(torch.tensor([3.0]), output=0)
    assert got["input0"].tolist() == [6.0]


def test_a_result_that_left_the_graph_is_named():
    with pytest.raises(CheckFailed, match="carries no gradient"):
        subject(lambda a: a.detach()).gradients(torch.ones(2))

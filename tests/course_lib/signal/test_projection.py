"""Inner products and projections against numpy.linalg.lstsq, and their defining properties."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal


def numbers(seed, *shape, complex_values=False):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(shape) + (1j * rng.standard_normal(shape) if complex_values else 0)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(0, 2**31), st.booleans(), st.booleans())
def test_inner_product_is_vdot(samples, seed, complex_x, complex_y):
    x, y = numbers(seed, 3, samples, complex_values=complex_x), numbers(seed + 1, samples, complex_values=complex_y)
    want = [np.vdot(y, row) for row in x]  # numpy conjugates its first argument
    np.testing.assert_allclose(signal.inner_product(x, y), want, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.data(), st.integers(0, 2**31), st.booleans())
def test_projection_is_least_squares_and_the_rest_is_orthogonal(samples, draw, seed, complex_values):
    count = draw.draw(st.integers(1, samples))
    V = numbers(seed, count, samples, complex_values=complex_values) + 3 * np.eye(count, samples)
    V *= 10.0 ** np.random.default_rng(seed).uniform(-3, 3, (count, 1))
    if np.linalg.cond(V / np.linalg.norm(V, axis=1, keepdims=True)) > 1e3:
        return
    y = numbers(seed + 1, 2, samples, complex_values=complex_values)
    c, approximation = signal.project(y, V)
    want = np.linalg.lstsq(V.T, y.T, rcond=None)[0].T
    np.testing.assert_allclose(c @ V, want @ V, atol=1e-8)
    np.testing.assert_allclose(approximation, c @ V, atol=1e-8)
    unit = V / np.linalg.norm(V, axis=1, keepdims=True)
    np.testing.assert_allclose((y - approximation) @ unit.conj().T, 0, atol=1e-8)
    again = signal.project(approximation, V)[1]
    np.testing.assert_allclose(again, approximation, atol=1e-8)


def test_orthogonal_vectors_need_no_equations():
    V = np.linalg.qr(numbers(0, 9, 9, complex_values=True))[0][:4] * np.array([[0.1], [1], [2], [30]])
    y = numbers(1, 9, complex_values=True)
    c, _ = signal.project(y, V)
    np.testing.assert_allclose(c, [np.vdot(v, y) / np.vdot(v, v) for v in V], atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.complex64, torch.complex128])
def test_kind_batch_silence_and_strides(dtype):
    V = torch.eye(3, 8, dtype=dtype) * 2
    y = torch.randn(8, 2, 1).to(dtype).movedim(0, -1)
    c, approximation = signal.project(y, V)
    assert c.dtype == approximation.dtype == dtype
    assert c.shape == (2, 1, 3)
    torch.testing.assert_close(c, y[..., :3] / 2)
    assert not signal.project(torch.zeros(8, dtype=dtype), V)[1].any()
    assert isinstance(signal.project(y.numpy(), V.numpy())[0], np.ndarray)


def test_gradients_reach_the_signal_and_the_vectors():
    y, V = torch.randn(5, dtype=torch.float64), torch.randn(2, 5, dtype=torch.float64)
    assert torch.autograd.gradcheck(signal.project, (y.requires_grad_(), V.requires_grad_()))


@pytest.mark.parametrize(("call", "message"), [
    (lambda: signal.inner_product(torch.ones(3), torch.ones(4)), "3 and of 4"),
    (lambda: signal.project(torch.ones(3), torch.ones(2, 4)), "shape"),
    (lambda: signal.project(torch.ones(3), torch.ones(2, 3)), "depend"),
    (lambda: signal.project(torch.ones(3), torch.zeros(1, 3)), "depend"),
    (lambda: signal.project(torch.ones(2), torch.randn(3, 2)), "depend"),
])
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()

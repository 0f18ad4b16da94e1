"""Levinson-Durbin against a Toeplitz solver; prediction and filter undo each other; formants are found again."""

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal


@given(st.integers(2, 400), st.integers(1, 20), st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_levinson_solves_the_toeplitz_system(samples, order, seed):
    x = np.random.default_rng(seed).standard_normal(samples)
    r = signal.autocorrelation(x, order)
    np.testing.assert_allclose(r, [np.dot(x[: max(samples - k, 0)], x[k:]) for k in range(order + 1)], atol=1e-9)
    a, error = signal.levinson_durbin(r, regularise=1e-6)
    r[0] *= 1 + 1e-6
    np.testing.assert_allclose(a, scipy.linalg.solve_toeplitz(r[:-1], -r[1:]), atol=1e-6)
    np.testing.assert_allclose(error[-1], r[0] + np.dot(a, r[1:]), rtol=1e-6, atol=1e-9 * r[0])
    assert (np.diff(error) <= 1e-12 * r[0]).all()


@pytest.mark.parametrize("x", [np.zeros(100), np.ones(100), np.sin(0.3 * np.arange(100)), np.eye(1, 100)[0]])
def test_singular_frames_stay_finite(x):
    for kind in (np.float32, np.float64):
        a, error = signal.lpc(x.astype(kind), 8)
        assert a.dtype == kind
        assert np.isfinite(a).all()
        assert np.isfinite(error).all()


def test_the_filter_is_found_again_and_is_stable():
    poles = np.array([0.95 * np.exp(0.5j), 0.9 * np.exp(1.6j)])
    a = np.poly(np.concatenate([poles, poles.conj()])).real[1:]
    x = signal.all_pole(np.random.default_rng(0).standard_normal((3, 40000)), a)
    got, error = signal.lpc(x, 4)
    np.testing.assert_allclose(got, np.broadcast_to(a, (3, 4)), atol=0.02)
    high, _ = signal.lpc(x, 30)
    assert all(np.abs(np.roots(np.r_[1, row])).max() < 1 for row in high)
    gain = signal.prediction_gain(error)
    assert gain.shape == (3, 5)
    assert (gain[:, 0] == 0).all()
    assert (np.diff(gain) > -1e-9).all()


def test_residual_and_filter_undo_each_other():
    x = torch.randn(2, 3, 501, dtype=torch.float64)
    a, _ = signal.lpc(x, 10)
    e = signal.prediction_error(x, a)
    torch.testing.assert_close(signal.all_pole(e, a), x, rtol=1e-9, atol=1e-9)
    assert (e.square().sum(-1) <= x.square().sum(-1) * 1.2).all()


def test_gradient_reaches_the_samples():
    x = torch.randn(60, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: signal.lpc(v, 4), (x,))


@given(st.lists(st.tuples(st.floats(300, 3500), st.floats(40, 300)), min_size=1, max_size=4))
@settings(max_examples=50, deadline=None)
def test_formants_are_read_off_the_poles(wanted):
    sr = 8000
    z = np.array([np.exp(-np.pi * b / sr + 2j * np.pi * f / sr) for f, b in wanted])
    a = np.poly(np.concatenate([z, z.conj()])).real[1:]
    got = signal.formants(a, sr)
    if np.diff(sorted(f for f, _ in wanted)).min(initial=1e9) < 30:
        return  # near-double poles: rounding of the coefficients moves them far
    np.testing.assert_allclose(got, sorted(wanted), rtol=1e-3, atol=0.5)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="too short for order 10"):
        signal.lpc(np.ones(10), 10)
    with pytest.raises(ValueError, match=r"at least r\[1\]"):
        signal.levinson_durbin(np.ones(1))
    with pytest.raises(ValueError, match="order >= 0"):
        signal.autocorrelation(np.ones(4), -1)

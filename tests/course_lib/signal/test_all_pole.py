"""The all-pole filter against scipy, torchaudio, finite differences, and the plain recursion."""

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal
from course_lib.signal import all_pole_filter

RESONANCES = 0.97 * np.exp(1j * np.array([0.2, 0.9, 1.7, 2.6]))


def stable(order, seed=0):
    """Coefficients of a stable filter."""
    rng = np.random.default_rng(seed)
    poles = 0.98 * rng.random(order // 2) * np.exp(1j * np.pi * rng.random(order // 2))
    real = 1.9 * rng.random(order % 2) - 0.95
    return np.poly(np.concatenate([poles, poles.conj(), real])).real[1:]


def recursion(x, a):
    """Sample by sample."""
    y = np.zeros_like(x)
    for n in range(x.shape[-1]):
        y[..., n] = x[..., n] - sum(a[k] * y[..., n - 1 - k] for k in range(min(len(a), n)))
    return y


@given(st.integers(1, 700), st.integers(1, 12), st.integers(0, 99), st.sampled_from([(), (1,), (2, 3)]))
@settings(max_examples=40, deadline=None)
def test_both_ways_are_the_recursion(samples, order, seed, lead):
    x = np.random.default_rng(seed).standard_normal((*lead, samples))
    a = stable(order, seed)
    want = recursion(x, a)
    scale = np.abs(want).max() + 1
    np.testing.assert_allclose(signal.all_pole(x, a), want, atol=1e-9 * scale)
    blocks = all_pole_filter._in_blocks(torch.from_numpy(x), torch.from_numpy(a))
    np.testing.assert_allclose(blocks, want, atol=1e-9 * scale)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_stays_and_resonances_keep_their_digits(dtype):
    a = np.poly(np.concatenate([RESONANCES, RESONANCES.conj()])).real[1:]
    x = torch.randn(3, 4000, dtype=dtype, generator=torch.Generator().manual_seed(0))
    y = signal.all_pole(x, torch.from_numpy(a))
    assert y.dtype == dtype
    want = scipy.signal.lfilter([1], np.r_[1, a], x.double().numpy())
    np.testing.assert_allclose(y, want, atol=(1e-12 if dtype == torch.float64 else 1e-6) * np.abs(want).max())


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1, 3)])
@pytest.mark.parametrize("run", [signal.all_pole, None], ids=["compiled", "blocks"])
def test_gradients_against_finite_differences(shape, run, monkeypatch):
    if run is None:
        monkeypatch.setattr(all_pole_filter, "_recursion", all_pole_filter._in_blocks)
    x = torch.randn(2, 4, 30, dtype=torch.float64, requires_grad=True)
    x = x if len(shape) > 2 else x[:, 0]
    a = torch.from_numpy(np.broadcast_to(stable(3, 5), shape).copy()).requires_grad_(True)
    assert torch.autograd.gradcheck(signal.all_pole, (x, a))


def test_the_gradient_is_torchaudios():
    torchaudio = pytest.importorskip("torchaudio")
    a0 = torch.from_numpy(stable(8, 3))
    x0 = torch.randn(2, 300, dtype=torch.float64)
    weight = torch.randn(2, 300, dtype=torch.float64)

    def theirs(x, a):
        one = torch.ones(1, dtype=a.dtype)
        b = torch.cat([one, torch.zeros_like(a)])
        return torchaudio.functional.lfilter(x, torch.cat([one, a]), b, clamp=False)

    grads = []
    for run in (signal.all_pole, theirs):
        x, a = x0.clone().requires_grad_(True), a0.clone().requires_grad_(True)
        (run(x, a) * weight).sum().backward()
        grads.append((x.grad, a.grad))
    for got, want in zip(*grads, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-8, atol=1e-8)


def test_one_filter_per_signal():
    x = np.random.default_rng(1).standard_normal((2, 3, 50))
    a = np.stack([stable(4, seed) for seed in range(3)])
    y = signal.all_pole(x, a)
    for j in range(3):
        np.testing.assert_allclose(y[:, j], signal.all_pole(x[:, j], a[j]), atol=1e-12)


def test_silence_impulse_and_strides():
    a = stable(4)
    assert not signal.all_pole(np.zeros((2, 10)), a).any()
    impulse = np.zeros(20)
    impulse[0] = 1
    back = signal.prediction_error(signal.all_pole(impulse, a), a)
    np.testing.assert_allclose(back, impulse, atol=1e-12)
    x = np.random.default_rng(0).standard_normal((40, 2)).T[:, ::2]
    np.testing.assert_allclose(signal.all_pole(x, a), signal.all_pole(x.copy(), a))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="at least one coefficient"):
        signal.all_pole(np.ones(3), np.ones(0))
    with pytest.raises(ValueError, match="do not broadcast"):
        signal.all_pole(np.ones((2, 9)), np.ones((3, 4)))

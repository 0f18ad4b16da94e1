"""Morlet banks: zero mean, the frame bounds, constant Q, and kymatio's filters where they can be had."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal


@pytest.mark.parametrize(("Q", "least"), [(1, 0.70), (2, 0.80), (3, 0.84), (8, 0.85), (12, 0.82), (16, 0.82)])
@pytest.mark.parametrize("J", [2, 5, 9])
def test_frame_bounds(J, Q, least):
    for n in (2**J * 16, 2**J * 45, 2**J * 64):
        bank = signal.morlet_bank(n, J, Q)
        A = signal.littlewood_paley(bank.wavelets, bank.low_pass)
        assert A.max() <= 1 + 1e-9
        assert A.min() >= least
        assert abs(float(A[0]) - 1) < 1e-12


def test_the_sum_of_littlewood_and_paley_is_the_energy_kept():
    n, bank = 960, signal.morlet_bank(960, 4, 3)
    x = np.random.default_rng(0).standard_normal(n)
    bands = [np.fft.ifft(np.fft.fft(x) * h.numpy()) for h in [bank.low_pass, *bank.wavelets]]
    energy = sum(np.sum(np.abs(band) ** 2) for band in bands)
    A = signal.littlewood_paley(bank.wavelets, bank.low_pass).numpy()
    assert np.isclose(energy, np.sum(np.abs(np.fft.fft(x)) ** 2 * A) / n)
    flipped = np.array([A[-k % n] for k in range(n)])
    np.testing.assert_allclose(A, flipped)
    same = signal.littlewood_paley(bank.wavelets.numpy(), bank.low_pass.numpy())
    assert isinstance(same, np.ndarray)


def test_zero_mean_constant_q_and_analytic():
    J, Q = 7, 8
    bank = signal.morlet_bank(2**J * 40, J, Q)
    assert not bank.wavelets[:, 0].any()
    centres, widths = np.array(bank.centres), np.array(bank.widths)
    constant = widths > 1.01 * widths.min()
    np.testing.assert_allclose(centres[constant][:-1] / centres[constant][1:], 2 ** (1 / Q))
    np.testing.assert_allclose((widths / centres)[constant], (widths / centres)[0])
    low = centres[np.isclose(widths, widths.min(), rtol=1e-6)]
    np.testing.assert_allclose(np.diff(low), np.diff(low)[0], rtol=1e-6)  # equally spaced, down to φ at 0
    assert np.isclose(low[-1], -np.diff(low)[0])
    power = bank.wavelets.square()
    negative = power[:, bank.wavelets.shape[1] // 2 + 1 :].sum(1) / power.sum(1)
    assert negative[centres < 0.35].max() < 0.03


def test_impulse_response_is_the_formula_in_time():
    n, centre, width = 4096, 0.1, 0.01
    f = torch.fft.fftfreq(n, dtype=torch.float64)
    h = np.fft.ifft(signal.morlet(f, centre, width).numpy())
    t = np.fft.fftfreq(n, 1 / n)
    envelope = width * np.sqrt(2 * np.pi) * np.exp(-2 * (np.pi * width * t) ** 2)
    K = np.exp(-(centre**2) / (2 * width**2))
    np.testing.assert_allclose(h, envelope * (np.exp(2j * np.pi * centre * t) - K), atol=1e-12)


def test_kymatio_has_the_same_wavelets():
    kymatio = pytest.importorskip("kymatio.scattering1d.filter_bank", exc_type=ImportError)
    for centre, width in ((0.3, 0.05), (0.05, 0.02), (0.45, 0.1)):
        theirs = kymatio.morlet_1d(512, centre, width)
        f = torch.fft.fftfreq(512, dtype=torch.float64)
        ours = signal.morlet(f, centre, width).numpy()
        np.testing.assert_allclose(ours / np.abs(ours).max(), theirs / np.abs(theirs).max(), atol=2e-4)


@given(st.integers(1, 7), st.integers(1, 9), st.integers(8, 50))
@settings(max_examples=20, deadline=None)
def test_any_bank_is_sound(J, Q, blocks):
    bank = signal.morlet_bank(2**J * blocks, J, Q)
    assert bank.wavelets.shape == (len(bank.centres), 2**J * blocks)
    assert list(bank.centres) == sorted(bank.centres, reverse=True)
    assert torch.isfinite(bank.wavelets).all()
    A = signal.littlewood_paley(bank.wavelets, bank.low_pass)
    assert 0.7 < A.min() <= A.max() <= 1 + 1e-9


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="J >= 1 and Q >= 1"):
        signal.bank_design(0, 8)
    with pytest.raises(ValueError, match="at least as many points, got n = 100"):
        signal.morlet_bank(100, 8, 1)

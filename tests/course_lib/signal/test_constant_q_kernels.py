"""The kernel algorithm against sums in time, and against `signal.cqt`."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal

SR = 8000.0


def bank(n_bins=13, f_min=220.0, n_fft=1024, cw=1.0, dtype=torch.float64):
    f = signal.cqt_frequencies(n_bins, f_min=f_min).to(dtype)
    return signal.cqt_kernels(f, signal.cqt_lengths(f, SR, cw=cw), SR, n_fft)


def test_kernels_are_windowed_sinusoids():
    kernels, f = bank(), signal.cqt_frequencies(13, f_min=220.0)
    n = np.arange(1024) - 512
    for k in (0, 6, 12):
        length = signal.quality(12) * SR / float(f[k])
        w = np.array([0.5 + 0.5 * np.cos(2 * np.pi * i / length) if abs(i) < length / 2 else 0.0 for i in n])
        want = w / w.sum() * np.exp(2j * np.pi * float(f[k]) * n / SR)
        np.testing.assert_allclose(kernels[k].numpy(), want, atol=1e-12)
    assert bank(dtype=torch.float32).dtype == torch.complex64


@given(st.integers(1, 3000), st.integers(20, 700), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_without_threshold_it_is_the_sum_in_time(samples, hop, seed):
    x = torch.from_numpy(np.random.default_rng(seed).standard_normal((2, samples)))
    kernels = bank()
    C = signal.cqt_by_kernels(x, signal.spectral_kernels(kernels, 0.0), hop)
    assert C.shape == (2, 13, samples // hop + 1)
    padded = torch.nn.functional.pad(x, (512, 512 + hop))
    for m in (0, samples // hop):
        want = padded[:, m * hop : m * hop + 1024].to(kernels.dtype) @ kernels.conj().mT
        torch.testing.assert_close(C[..., m], want)
    torch.testing.assert_close(C, signal.cqt(x, SR, hop=hop, f_min=220.0, n_bins=13), atol=2e-3, rtol=0)


def test_the_threshold_is_relative_to_each_row():
    kernels = bank() * torch.logspace(-3, 0, 13, dtype=torch.float64)[:, None]
    S = signal.spectral_kernels(kernels, 0.1)
    exact = torch.fft.fft(kernels).conj() / 1024
    for row, full in zip(S, exact, strict=True):
        kept = row != 0
        assert 1 <= int(kept.sum()) < 40
        torch.testing.assert_close(row[kept], full[kept])
        assert full[~kept].abs().max() < 0.1 * full.abs().max() <= row[kept].abs().min() + 1e-15


def test_gradient_silence_and_bad_input():
    S = signal.spectral_kernels(bank(3, 900.0, 256), 0.01)
    x = torch.randn(300, dtype=torch.float64, requires_grad=True)
    run = lambda v: torch.view_as_real(signal.cqt_by_kernels(v, S, 100))  # noqa: E731
    assert torch.autograd.gradcheck(run, (x,))
    assert not signal.cqt_by_kernels(torch.zeros(1, 50, dtype=torch.float64), S, 10).any()
    strided = torch.randn(300, 2, dtype=torch.float64).T
    torch.testing.assert_close(run(strided), run(strided.contiguous()))
    f = np.array([440.0, 880.0])
    C = signal.cqt_by_kernels(x.detach().numpy(), signal.spectral_kernels(signal.cqt_kernels(f, 9000 / f, SR, 64)), 9)
    assert isinstance(C, np.ndarray)
    with pytest.raises(ValueError, match="need an even n_fft of at least 611"):
        bank(n_fft=512)
    with pytest.raises(ValueError, match="even n_fft"):
        bank(n_fft=1023)

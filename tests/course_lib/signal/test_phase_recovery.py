"""Griffin-Lim against librosa and against what it promises; spectral convergence; decibels."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from course_lib import signal


def tones(samples=4000):
    n = torch.arange(samples, dtype=torch.float64)
    return torch.sin(0.2 * n) + 0.5 * torch.sin(0.71 * n + 1) + 0.01 * torch.randn(
        samples, dtype=torch.float64, generator=torch.Generator().manual_seed(0)
    )


@pytest.mark.parametrize("momentum", [0.0, 0.99])
@pytest.mark.parametrize("iterations", [0, 1, 5, 20])
def test_from_the_same_phase_it_is_librosas(momentum, iterations):
    librosa = pytest.importorskip("librosa")
    S = signal.stft(tones(), 256, 64).abs()
    want = librosa.griffinlim(
        S.numpy(), n_iter=iterations, hop_length=64, n_fft=256, init=None, momentum=momentum, length=4000,
        dtype=np.float64,
    )
    got = signal.griffin_lim(S, 64, iterations=iterations, momentum=momentum, length=4000, phase=torch.zeros_like(S))
    np.testing.assert_allclose(got, want, atol=1e-6)


def test_the_error_never_rises_without_momentum():
    S = signal.stft(tones(), 256, 64).abs()
    steps = signal.griffin_lim_steps(S, 64, momentum=0.0, length=4000, seed=4)
    distance = []
    for _ in range(30):
        X = signal.stft(next(steps), 256, 64)
        # Inner bins stand for two of the full DFT: the norm in which the inverse is a projection.
        weight = torch.full((129, 1), 2.0, dtype=torch.float64)
        weight[[0, -1]] = 1
        distance.append(float((weight * (X.abs() - S) ** 2).sum()))
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(distance))
    assert distance[-1] < 0.2 * distance[0]


def test_a_true_phase_is_a_fixed_point():
    x = tones()
    X = signal.stft(x, 256, 64)
    back = signal.griffin_lim(X.abs(), 64, iterations=5, length=4000, phase=X.angle())
    torch.testing.assert_close(back, x, rtol=0, atol=1e-9)


def test_seeds_batches_silence_and_numpy():
    S = signal.stft(tones(), 256, 64).abs()
    a, b, c = (signal.griffin_lim(S, 64, iterations=2, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(a, b)
    assert not torch.allclose(a, c)
    assert signal.griffin_lim(S.expand(2, 3, -1, -1), 64, iterations=1).shape == (2, 3, 62 * 64)
    assert not signal.griffin_lim(torch.zeros(33, 9), 16, iterations=3).any()
    got = signal.griffin_lim(S.numpy(), 64, iterations=2)
    assert isinstance(got, np.ndarray)
    np.testing.assert_allclose(got, a)
    half_silent = S.clone()
    half_silent[:, :30] = 0
    assert torch.isfinite(signal.griffin_lim(half_silent, 64, iterations=3)).all()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: signal.griffin_lim(-torch.ones(9, 4), 4), "not negative"),
    (lambda: signal.griffin_lim(torch.ones(9, 4, dtype=torch.complex64), 4), "magnitude"),
    (lambda: signal.griffin_lim(torch.ones(9, 4), 4, iterations=-1), "iterations"),
])
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_spectral_convergence():
    X = signal.stft(tones(), 256, 64)
    assert signal.spectral_convergence(X, X) == 0
    assert signal.spectral_convergence(torch.zeros_like(X), X) == pytest.approx(1.0)
    assert signal.spectral_convergence(1.5 * X, X.abs()) == pytest.approx(0.5)
    assert signal.spectral_convergence(torch.zeros(3, 2), torch.zeros(3, 2)) == 0
    assert signal.spectral_convergence(torch.stack([X, 2 * X]), torch.stack([X, X])).tolist() == pytest.approx([0, 1])
    assert isinstance(signal.spectral_convergence(X.numpy(), X.numpy()), np.ndarray | np.floating)


def test_decibels():
    X = torch.tensor([[1j, 0.1], [0.0, 2.0]], dtype=torch.complex128)
    level = signal.magnitude_db(X)
    assert level.flatten().tolist() == pytest.approx([-20 * np.log10(2), -20 * np.log10(20), -80, 0])
    above = signal.magnitude_db(X, ref=1.0, floor=-10)
    assert above.flatten().tolist() == pytest.approx([0, -10, -10, 20 * np.log10(2)])
    assert signal.magnitude_db(torch.zeros(2, 2)).tolist() == [[-80, -80], [-80, -80]]
    assert torch.isneginf(signal.magnitude_db(torch.zeros(1), floor=None)).all()
    assert signal.magnitude_db(torch.zeros(0)).numel() == 0
    assert isinstance(signal.magnitude_db(X.numpy()), np.ndarray)

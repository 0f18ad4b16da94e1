"""The CQT against its definition in time, against librosa in the interior, and by its defining properties."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal


def by_definition(x, sr, frequency, length, at):
    """One coefficient: a Hann window of any real length, centred on sample `at`, times a sinusoid."""
    n = np.arange(int(np.ceil(at - length / 2)), int(np.floor(at + length / 2)) + 1)
    w = 0.5 + 0.5 * np.cos(2 * np.pi * (n - at) / length)
    inside = (n >= 0) & (n < len(x))
    return np.sum((w * np.exp(-2j * np.pi * frequency * (n - at) / sr) / w.sum())[inside] * x[n[inside]])


@given(st.integers(300, 6000), st.integers(50, 700), st.sampled_from([12, 24, 36]), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_it_is_the_definition(samples, hop, bins_per_octave, seed):
    sr, n_bins = 8000, 30
    x = np.random.default_rng(seed).standard_normal(samples)
    C = signal.cqt(x, sr, hop=hop, f_min=200.0, n_bins=n_bins, bins_per_octave=bins_per_octave)
    assert C.shape == (n_bins, samples // hop + 1)
    f = signal.cqt_frequencies(n_bins, f_min=200.0, bins_per_octave=bins_per_octave)
    lengths = signal.cqt_lengths(f, sr, bins_per_octave=bins_per_octave)
    for k in (0, 13, n_bins - 1):
        for m in (0, C.shape[1] // 2, C.shape[1] - 1):
            want = by_definition(x, sr, float(f[k]), float(lengths[k]), m * hop)
            assert abs(C[k, m] - want) < 2e-3  # of noise with standard deviation 1; the bump is cut at 12 lobes


def test_librosa_agrees_in_the_interior():
    librosa = pytest.importorskip("librosa")
    sr = 22050
    x = np.random.default_rng(0).standard_normal(8 * sr).astype(np.float32)
    ours = signal.cqt(x, sr, f_min=65.406, n_bins=72)
    lengths = signal.cqt_lengths(signal.cqt_frequencies(72, f_min=65.406), sr).numpy()
    theirs = librosa.cqt(x, sr=sr, fmin=65.406, n_bins=72) / np.sqrt(lengths)[:, None]
    inner = slice(30, -30)
    for k in range(72):
        a, b = ours[k, inner], theirs[k, inner]
        assert np.linalg.norm(a - b) < 0.04 * np.linalg.norm(b)  # librosa's kernels are cut at 1 % and resampled


def test_a_transposition_is_a_shift():
    sr, t = 16000, np.arange(16000) / 16000
    low = sum(np.sin(2 * np.pi * 220 * h * t) / h for h in range(1, 5))
    high = sum(np.sin(2 * np.pi * 220 * 2 ** (5 / 12) * h * t) / h for h in range(1, 5))
    a, b = (np.abs(signal.cqt(x, sr, f_min=110.0, n_bins=60))[:, 10:-10].mean(1) for x in (low, high))
    np.testing.assert_allclose(b[5:], a[:-5], atol=2e-3)


def test_amplitude_and_constant_q():
    sr, t = 16000, np.arange(3 * 16000) / 16000
    for bins_per_octave in (12, 36):
        f = signal.cqt_frequencies(40, f_min=220.0, bins_per_octave=bins_per_octave)
        x = np.cos(2 * np.pi * float(f[20]) * t)
        C = signal.cqt(x, sr, f_min=220.0, n_bins=40, bins_per_octave=bins_per_octave)
        middle = np.abs(C[:, C.shape[1] // 2])
        assert abs(middle[20] - 0.5) < 1e-4
        assert np.argmax(middle) == 20
        q = signal.quality(bins_per_octave)
        np.testing.assert_allclose(f / torch.diff(f, append=f[-1:] * 2 ** (1 / bins_per_octave)), q)


def test_windows_of_twice_the_length_do_not_hear_the_neighbour():
    sr, t = 16000, np.arange(2 * 16000) / 16000
    x = np.cos(2 * np.pi * 440 * t)
    for cw, heard in ((1.0, 0.25), (2.0, 0.0)):  # a Hann window passes 1/2 at one unit of sr/L, and nothing at two
        C = np.abs(signal.cqt(x, sr, f_min=440 / 2 ** (1 / 12), n_bins=2, cw=cw))[:, 30]
        np.testing.assert_allclose(C, [heard, 0.5], atol=2e-4)
        lengths = signal.cqt_lengths(torch.tensor([440.0, 880.0]), sr, cw=cw)
        np.testing.assert_allclose(lengths, [cw * 16.817 * sr / 440, cw * 16.817 * sr / 880], rtol=1e-4)
    H = signal.hcqt(x, sr, harmonics=(1, 2), f_min=220.0, n_bins=12, cw=2.0)
    np.testing.assert_allclose(H[1], signal.cqt(x, sr, f_min=440.0, n_bins=12, cw=2.0), atol=1e-5)


def test_the_harmonic_stack_is_one_cqt_per_harmonic():
    sr = 16000
    x = torch.randn(2, 1, 9000, generator=torch.Generator().manual_seed(0))
    harmonics = (0.5, 1, 2, 3)
    H = signal.hcqt(x, sr, harmonics=harmonics, f_min=130.0, n_bins=36, hop=256)
    assert H.shape == (2, 1, 4, 36, 36)
    for layer, h in enumerate(harmonics):
        alone = signal.cqt(x, sr, f_min=130.0 * h, n_bins=36, hop=256)
        torch.testing.assert_close(H[..., layer, :, :], alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_dtype_silence_batch_and_strides(dtype):
    x = torch.randn(3, 5000, dtype=dtype)
    C = signal.cqt(x, 8000, f_min=200.0, n_bins=24)
    assert C.dtype == (torch.complex64 if dtype == torch.float32 else torch.complex128)
    torch.testing.assert_close(signal.cqt(x[1], 8000, f_min=200.0, n_bins=24), C[1])
    wide = torch.randn(5000, 3, dtype=dtype).T
    torch.testing.assert_close(
        signal.cqt(wide, 8000, f_min=200.0, n_bins=24), signal.cqt(wide.contiguous(), 8000, f_min=200.0, n_bins=24)
    )
    assert not signal.cqt(torch.zeros(1, 700, dtype=dtype), 8000, f_min=200.0, n_bins=24).any()


def test_gradient():
    x = torch.randn(40, dtype=torch.float64, requires_grad=True)
    run = lambda v: torch.view_as_real(signal.cqt(v, 1000, hop=16, f_min=100.0, n_bins=4, bins_per_octave=4))  # noqa: E731
    assert torch.autograd.gradcheck(run, (x,), atol=1e-4)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match=r"do not fit between 0 and sr/2 = 4000 Hz"):
        signal.cqt(np.ones(4000), 8000)
    with pytest.raises(ValueError, match="need samples"):
        signal.cqt(np.ones(0), 22050)
    with pytest.raises(ValueError, match="at least one harmonic"):
        signal.hcqt(np.ones(100), 22050, harmonics=())

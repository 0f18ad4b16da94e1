"""YIN on signals whose pitch is known, its difference function by the sum, and librosa.pyin on a real trumpet."""

import numpy as np
import pytest
import torch

from course_lib import data, signal
from course_lib.data import store
from course_lib.signal import f0 as f0_module

SR = 16000


def tone(frequency, harmonics=8, seconds=0.5, sr=SR):
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(frequency, int(seconds * sr))) / sr
    below_nyquist = min(harmonics, int(0.45 * sr / np.max(frequency)))
    return sum(np.sin(h * phase + h) / h for h in range(1, below_nyquist + 1))


def cents(a, b):
    return 1200 * np.log2(a / b)


def test_the_difference_function_is_the_sum():
    frames = torch.randn(2, 3, 90, dtype=torch.float64)
    got = f0_module._difference(frames, 60, 30)
    want = torch.stack([(frames[..., :60] - frames[..., k : k + 60]).square().sum(-1) for k in range(31)], -1)
    torch.testing.assert_close(got, want, atol=1e-9, rtol=1e-9)


@pytest.mark.parametrize("frequency", [65.0, 82.4, 110.0, 220.0, 440.3, 987.8])
@pytest.mark.parametrize("harmonics", [1, 2, 12])
def test_steady_tones(frequency, harmonics):
    f0, aperiodicity = signal.yin(tone(frequency, harmonics).astype(np.float32), SR)
    inner = slice(8, -8)
    # A parabola through three lags is coarse where many harmonics make the dip sharp: some cents at 40 lags a period.
    assert np.abs(cents(f0[inner], frequency)).max() < 8
    assert aperiodicity[inner].max() < 0.05  # between two lags a sharp dip is not seen at its deepest


def test_a_missing_fundamental_and_noise():
    phase = 2 * np.pi * 150 * np.arange(SR // 2) / SR
    x = sum(np.sin(h * phase) for h in (2, 3, 4, 5))
    x = x + 0.1 * np.random.default_rng(0).standard_normal(len(x))
    f0, _ = signal.yin(x, SR)
    assert np.abs(cents(f0[8:-8], 150)).max() < 15


def test_a_glide():
    wanted = 200 * 2 ** np.linspace(0, 1, SR)
    f0, _ = signal.yin(tone(wanted, seconds=1.0), SR, hop=200)
    at = np.arange(len(f0)) * 200
    assert np.abs(cents(f0[6:-6], np.interp(at, np.arange(SR), wanted)[6:-6])).max() < 15


def test_silence_noise_and_batch():
    f0, aperiodicity = signal.yin(np.zeros((2, 3000)), SR)
    assert f0.shape == (2, 3000 // 256 + 1)
    assert not f0.any()
    assert (aperiodicity == 1).all()
    noise = np.random.default_rng(0).standard_normal(SR)
    assert np.median(signal.yin(noise, SR)[1]) > 0.7
    both = signal.yin(np.stack([noise, tone(200, seconds=1.0)]), SR)[0]
    np.testing.assert_allclose(both[0], signal.yin(noise, SR)[0])
    short, _ = signal.yin(np.ones(1, np.float32), SR)
    assert short.shape == (1,)
    assert short.dtype == np.float32


def test_the_baseline_finds_the_bin():
    f0 = signal.harmonic_product(tone(220.0, 8), SR)
    assert np.abs(f0[8:-8] - 220).max() <= SR / 4096


NO_TRUMPET = store.local_count(data.dataset("librosa_examples")) == 0


@pytest.mark.data
@pytest.mark.skipif(NO_TRUMPET, reason="librosa_examples is not on this machine: set COURSE_DATA_MIRROR")
def test_pyin_agrees_on_a_trumpet():
    librosa = pytest.importorskip("librosa")
    x, sr = data.example("trumpet")
    x = x[: 2 * sr]
    f0, aperiodicity = signal.yin(x, sr, f_min=150, f_max=1000)
    theirs, voiced, _ = librosa.pyin(x, sr=sr, fmin=150, fmax=1000, hop_length=256, frame_length=1024)
    both = voiced & (aperiodicity < 0.1)
    assert both.mean() > 0.5
    assert np.mean(np.abs(cents(f0[both], theirs[both])) < 50) > 0.95


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="f_min < f_max <= sr/4 = 2000"):
        signal.yin(np.ones(100), 8000, f_max=3000)
    with pytest.raises(ValueError, match="harmonic 5 of 1000 Hz lies beyond"):
        signal.harmonic_product(np.ones(9000), 8000)

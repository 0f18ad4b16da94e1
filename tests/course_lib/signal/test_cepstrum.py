"""Cepstra by their defining properties: sums, inverses, minimum phase, and a pitch that can be read off."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal


@given(st.integers(1, 300), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_the_real_cepstrum_is_even_and_gives_the_magnitude_back(samples, seed):
    x = np.random.default_rng(seed).standard_normal(samples)
    c = signal.real_cepstrum(x)
    np.testing.assert_allclose(c[1:], c[1:][::-1], atol=1e-10)
    np.testing.assert_allclose(np.exp(np.fft.fft(c).real), np.abs(np.fft.fft(x)), rtol=1e-7, atol=1e-9)


def test_convolution_becomes_a_sum():
    rng = np.random.default_rng(0)
    x, h = rng.standard_normal(100), rng.standard_normal(30)
    both = signal.real_cepstrum(np.convolve(x, h), 256)
    np.testing.assert_allclose(both, signal.real_cepstrum(x, 256) + signal.real_cepstrum(h, 256), atol=1e-9)


@given(st.integers(1, 60), st.integers(0, 99), st.sampled_from([512, 511]))
@settings(max_examples=40, deadline=None)
def test_the_complex_cepstrum_is_inverted(samples, seed, n_fft):
    rng = np.random.default_rng(seed)
    # Decaying frames: no zero close to the unit circle, where no unwrapping of a sampled phase is safe.
    x = rng.standard_normal(samples) * 0.6 ** np.arange(samples)
    x[0] = np.copysign(1.5 + abs(x).sum(), x[0])
    x = np.concatenate([np.zeros(rng.integers(0, 20)), x])
    c, delay, sign = signal.complex_cepstrum(x[None], n_fft)
    back = signal.inverse_complex_cepstrum(c, delay, sign)
    np.testing.assert_allclose(back[0, : len(x)], x, atol=1e-7)
    torch.testing.assert_close(
        signal.inverse_complex_cepstrum(*map(torch.from_numpy, (c, delay, sign))), torch.from_numpy(back))
    assert np.abs(c[0, n_fft // 2 + 1 :]).max() < 1e-6  # minimum phase: nothing at negative quefrencies


def test_pitch_and_envelope_part():
    sr, f0 = 8000, 125
    pulses = (np.arange(2048) % (sr // f0) == 0).astype(float)
    pole = 0.95 * np.exp(2j * np.pi * 700 / sr)
    a = np.poly([pole, pole.conj()]).real[1:]
    frame = signal.all_pole(pulses, a) * np.hanning(2048)
    c = signal.real_cepstrum(frame)
    assert 20 + np.argmax(c[20:200]) == sr // f0
    envelope = signal.cepstral_envelope(frame, 30)
    assert envelope.shape == (1025,)
    assert abs(np.argmax(envelope) * sr / 2048 - 700) < 60
    np.testing.assert_allclose(signal.lifter(c, 30) + signal.lifter(c, 30, keep="high"), c, atol=0)


def test_silence_and_dtype():
    for kind in (np.float32, np.float64):
        c = signal.real_cepstrum(np.zeros((2, 64), kind))
        assert c.dtype == kind
        np.testing.assert_allclose(c[:, 0], np.log(1e-10), rtol=1e-5)
        np.testing.assert_allclose(c[:, 1:], 0, atol=1e-5)


def test_gradient():
    x = torch.randn(3, 20, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: signal.cepstral_envelope(v, 5), (x,))


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="would cut off"):
        signal.real_cepstrum(np.ones(20), 10)
    with pytest.raises(ValueError, match="between 1 and 10"):
        signal.lifter(np.ones(20), 11)
    with pytest.raises(ValueError, match="'low' or 'high'"):
        signal.lifter(np.ones(20), 3, keep="mid")

"""Envelopes against the cepstrum of single frames and an exact all-pole spectrum; cross-synthesis by its properties."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal


@given(st.integers(9, 65), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_the_envelope_of_a_frame_is_its_cepstral_envelope(n_fft, seed):
    frames = np.random.default_rng(seed).standard_normal((2, 3, n_fft))
    X = np.fft.rfft(frames).swapaxes(-1, -2)
    cutoff = 1 + seed % (n_fft // 2)
    got = signal.spectral_envelope(X, cutoff, n_fft=n_fft)
    want = signal.cepstral_envelope(frames, cutoff, n_fft)
    np.testing.assert_allclose(got, want.swapaxes(-1, -2), atol=1e-9)


def test_an_all_pole_spectrum_is_its_own_lpc_envelope():
    pole = 0.9 * np.exp(0.7j)
    a = np.poly([pole, pole.conj()]).real
    spectrum = 3 / np.abs(np.fft.rfft(a, 512))
    X = np.stack([spectrum, 2 * spectrum], -1)
    np.testing.assert_allclose(signal.lpc_envelope(X, 6), np.log(X), atol=1e-6)
    assert signal.lpc_envelope(X.astype(np.float32), 6).dtype == np.float32


@given(st.integers(1, 700), st.sampled_from([(64, 16), (33, 8)]), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_a_sound_across_itself_is_itself(samples, sizes, seed):
    x = torch.from_numpy(np.random.default_rng(seed).standard_normal((1, samples)))
    for choice in ({"cutoff": 5}, {"order": 4}):
        torch.testing.assert_close(signal.cross_synthesis(x, x, *sizes, **choice), x, rtol=1e-7, atol=1e-9)


def test_the_carrier_level_does_not_matter_and_the_modulator_level_does():
    carrier, modulator = torch.randn(2, 3, 900, dtype=torch.float64).unbind(0)
    y = signal.cross_synthesis(carrier, modulator, 64, 16, cutoff=6)
    torch.testing.assert_close(signal.cross_synthesis(7 * carrier, modulator, 64, 16, cutoff=6), y)
    torch.testing.assert_close(signal.cross_synthesis(carrier, 7 * modulator, 64, 16, cutoff=6), 7 * y)
    shared = signal.cross_synthesis(carrier.float(), modulator[0].numpy(), 64, 16, cutoff=6)
    assert shared.dtype == torch.float32
    torch.testing.assert_close(shared[0].double(), y[0], rtol=1e-3, atol=1e-4)


def test_the_envelope_moves_to_the_modulator():
    torch.manual_seed(0)
    pole = 0.97 * np.exp(1.2j)
    a = torch.from_numpy(np.poly([pole, pole.conj()]).real[1:])
    pulses = (torch.arange(16000) % 80 == 0).double()
    modulator = signal.all_pole(torch.randn(16000, dtype=torch.float64), a)
    for choice in ({"cutoff": 40}, {"order": 8}):
        y = signal.cross_synthesis(pulses, modulator, 1024, 256, **choice)
        spectrum = signal.stft(y, 1024, 256).abs().mean(1)
        assert abs(float(spectrum.argmax()) * 2 * np.pi / 1024 - 1.2) < 0.06
        autocorrelation = torch.fft.irfft(torch.fft.rfft(y, 32768).abs() ** 2)
        assert int(autocorrelation[60:100].argmax()) + 60 == 80


@pytest.mark.parametrize("choice", [{"cutoff": 5}, {"order": 5}])
def test_silence(choice):
    noise, silence = torch.randn(2, 500), torch.zeros(2, 500)
    assert signal.cross_synthesis(silence, noise, 64, 16, **choice).abs().max() == 0
    assert signal.cross_synthesis(noise, silence, 64, 16, **choice).abs().max() < 1e-6


def test_gradient_reaches_both():
    pair = [torch.randn(70, dtype=torch.float64, requires_grad=True) for _ in range(2)]
    for choice in ({"cutoff": 4}, {"order": 3}):
        assert torch.autograd.gradcheck(lambda c, m, k=choice: signal.cross_synthesis(c, m, 16, 8, **k), pair)


def test_bad_input_is_named():
    x = np.ones(100)
    with pytest.raises(ValueError, match="differ in length: 100 and 99"):
        signal.cross_synthesis(x, x[1:], 16, 4, cutoff=3)
    for both in ({}, {"cutoff": 3, "order": 3}):
        with pytest.raises(ValueError, match="either cutoff"):
            signal.cross_synthesis(x, x, 16, 4, **both)
    with pytest.raises(ValueError, match="order must lie between 1 and 8"):
        signal.lpc_envelope(np.ones((9, 2)), 9)
    with pytest.raises(ValueError, match="n_fft=20 has 11 bins"):
        signal.spectral_envelope(np.ones((9, 2)), 3, n_fft=20)

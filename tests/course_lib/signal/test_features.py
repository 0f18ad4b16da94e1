"""Zero crossings, MFCC, chroma and Fant's mel scale against scipy, torchaudio, librosa and their definitions."""

import numpy as np
import pytest
import scipy.fft
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal


@given(st.integers(2, 300), st.integers(1, 100), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_zero_crossings_are_counted(length, hop, seed):
    x = np.random.default_rng(seed).integers(-2, 3, 500).astype(np.float32)
    got = signal.zero_crossing_rate(x, length, hop)
    for m, value in enumerate(got):
        cut = x[m * hop : m * hop + length] >= 0
        assert value == pytest.approx(np.mean(cut[1:] != cut[:-1]), abs=1e-6)


def test_zero_crossings_give_the_frequency_of_a_sine():
    x = np.sin(2 * np.pi * 440 * np.arange(16000) / 16000 + 0.1)
    assert signal.zero_crossing_rate(x, 16000, 16000)[0] * 8000 == pytest.approx(440, abs=1)


@given(st.integers(1, 40), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_the_dct_is_scipys_and_orthonormal(size, seed):
    x = np.random.default_rng(seed).standard_normal((2, size, 3))
    np.testing.assert_allclose(signal.dct(x, axis=1), scipy.fft.dct(x, axis=1, norm="ortho"), atol=1e-12)
    matrix = signal.dct(np.eye(size))
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(size), atol=1e-12)


def test_mfcc_is_torchaudios():
    torchaudio = pytest.importorskip("torchaudio")
    x = torch.randn(2, 8000, generator=torch.Generator().manual_seed(0))
    theirs = torchaudio.transforms.MFCC(
        16000, 13, log_mels=True, melkwargs={"n_fft": 512, "hop_length": 160, "n_mels": 40, "pad_mode": "constant"}
    )(x)
    ours = signal.mfcc(x, 16000, n_mfcc=13, n_mels=40, n_fft=512, hop=160)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-3)


def test_fant_by_its_definition():
    hertz = np.array([0.0, 500, 1000, 3000, 7000])
    mel = signal.hz_to_mel(hertz, scale="fant")
    np.testing.assert_allclose(mel, 1000 / np.log(2) * np.log(1 + hertz / 1000), rtol=1e-12)
    assert mel[2] == pytest.approx(1000)
    assert mel[3] == pytest.approx(2000)
    np.testing.assert_allclose(signal.mel_to_hz(mel, scale="fant"), hertz, atol=1e-9)
    others = [float(signal.hz_to_mel(np.array([4000.0]), scale=s)[0]) for s in ("fant", "htk", "slaney")]
    assert len({round(v) for v in others}) == 3
    bank = signal.mel_filterbank(20, 1024, 16000, scale="fant")
    centres = signal.hz_to_mel(bank.argmax(-1).double() * 16000 / 1024, scale="fant")
    steps = torch.diff(centres)
    assert (steps - steps.mean()).abs().max() < 45  # centres are read off the grid of bins, 15.6 Hz apart


def test_chroma_of_a_chord_and_of_silence():
    sr, t = 22050, np.arange(22050) / 22050
    chord = sum(np.sin(2 * np.pi * 261.626 * 2 ** (semitones / 12) * t) for semitones in (0, 4, 7))
    c = signal.chroma(np.stack([chord, 0 * chord]), sr)
    assert c.shape == (2, 12, 22050 // 512 + 1)
    assert set(np.argsort(c[0].mean(-1))[-3:]) == {0, 4, 7}
    assert c[0, :, 5:-5].max() == pytest.approx(1)
    assert not c[1].any()
    octave = signal.chroma(np.stack([np.sin(2 * np.pi * f * t) for f in (220, 440, 880)]), sr)
    assert (octave.mean(-1).argmax(-1) == 9).all()


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="at least two samples"):
        signal.zero_crossing_rate(np.ones(10), 1, 1)
    with pytest.raises(ValueError, match="1 to 4 coefficients, not 5"):
        signal.dct(np.ones(4), 5)
    with pytest.raises(ValueError, match="'fant'"):
        signal.hz_to_mel(np.ones(2), scale="bark")

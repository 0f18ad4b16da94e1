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


@given(st.integers(2, 64), st.integers(1, 40), st.sampled_from([np.float32, np.float64]), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_features_keep_kind_and_batch(length, hop, kind, seed):
    x = np.random.default_rng(seed).standard_normal((200, 2)).astype(kind).T  # not contiguous
    whole = signal.zero_crossing_rate(x, length, hop)
    assert whole.dtype == kind
    np.testing.assert_array_equal(whole[1:], signal.zero_crossing_rate(x[1:], length, hop))
    assert signal.zero_crossing_rate(x[0, : length - 1], length, hop).shape == (0,)  # shorter than a frame
    coefficients = signal.mfcc(x, 8000, n_mfcc=5, n_mels=8, n_fft=length, hop=hop)
    assert coefficients.dtype == kind
    np.testing.assert_allclose(
        coefficients[0], signal.mfcc(x[0], 8000, n_mfcc=5, n_mels=8, n_fft=length, hop=hop), atol=1e-4)


def test_mfcc_is_librosas():
    librosa = pytest.importorskip("librosa")
    x = np.random.default_rng(0).standard_normal(9001)
    S = librosa.feature.melspectrogram(
        y=x, sr=22050, n_fft=1024, hop_length=300, n_mels=30, htk=True, norm=None, pad_mode="constant")
    theirs = librosa.feature.mfcc(S=np.log(S + 1e-6), n_mfcc=20)
    ours = signal.mfcc(x, 22050, n_mfcc=20, n_mels=30, n_fft=1024, hop=300)
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


def test_the_mfccs_of_silence_and_of_an_impulse():
    silent = signal.mfcc(np.zeros(2000), 8000, n_mfcc=4, n_mels=16)
    np.testing.assert_allclose(silent[0], 4 * np.log(1e-6), rtol=1e-9)
    np.testing.assert_allclose(silent[1:], 0, atol=1e-9)
    impulse = torch.zeros(2000, dtype=torch.float64, requires_grad=True)
    signal.mfcc(impulse + torch.eye(2000, dtype=torch.float64)[700], 8000).sum().backward()
    assert torch.isfinite(impulse.grad).all()


def test_log_compression_bends_at_one_over_gamma():
    x = torch.tensor([0.0, 1e-6, 1.0, 1e4], dtype=torch.float64)
    got = signal.log_compress(x)
    np.testing.assert_allclose(got, np.log(1 + 100 * x.numpy()), rtol=1e-12)
    assert got[1] == pytest.approx(1e-4, rel=1e-3)
    assert signal.log_compress(np.ones(3, np.float32), 7).dtype == np.float32
    assert torch.autograd.gradcheck(signal.log_compress, torch.rand(5, dtype=torch.float64, requires_grad=True))


def test_chroma_sees_pitch_classes_as_librosa_does():
    librosa = pytest.importorskip("librosa")
    sr = 22050
    t = np.arange(sr) / sr
    notes = np.stack([sum(np.sin(2 * np.pi * f * h * t) / h for h in (1, 2, 3)) for f in (130.81, 246.94, 622.25)])
    theirs = librosa.feature.chroma_cqt(y=notes, sr=sr, n_octaves=6).mean(-1).argmax(-1)
    assert signal.chroma(notes, sr).mean(-1).argmax(-1).tolist() == theirs.tolist() == [0, 11, 3]


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="gamma"):
        signal.log_compress(np.ones(2), 0)
    with pytest.raises(ValueError, match="at least two samples"):
        signal.zero_crossing_rate(np.ones(10), 1, 1)
    with pytest.raises(ValueError, match="1 to 4 coefficients, not 5"):
        signal.dct(np.ones(4), 5)
    with pytest.raises(ValueError, match="'fant'"):
        signal.hz_to_mel(np.ones(2), scale="bark")

"""Mel scales, filterbanks and spectrograms against torchaudio and librosa with the options named."""

import numpy as np
import pytest
import torch

from course_lib import signal

OPTIONS = [("htk", None), ("slaney", None), ("slaney", "slaney"), ("htk", "slaney")]


@pytest.mark.parametrize(("scale", "norm"), OPTIONS)
@pytest.mark.parametrize(
    ("n_mels", "n_fft", "sr", "f_min", "f_max"), [(40, 512, 16000, 0, None), (23, 400, 8000, 60, 3800)]
)
def test_filterbank_is_torchaudios_and_librosas(scale, norm, n_mels, n_fft, sr, f_min, f_max):
    torchaudio = pytest.importorskip("torchaudio")
    librosa = pytest.importorskip("librosa")
    got = signal.mel_filterbank(n_mels, n_fft, sr, f_min=f_min, f_max=f_max, scale=scale, norm=norm)
    top = f_max or sr / 2
    theirs = torchaudio.functional.melscale_fbanks(n_fft // 2 + 1, f_min, top, n_mels, sr, norm=norm, mel_scale=scale)
    # torchaudio places the edges in float32: some 1e-5 of a triangle.
    torch.testing.assert_close(got, theirs.T, rtol=0, atol=1e-4 * float(got.max()))
    want = librosa.filters.mel(sr=sr, n_fft=n_fft, n_mels=n_mels, fmin=f_min, fmax=top, htk=scale == "htk", norm=norm)
    np.testing.assert_allclose(got, want, rtol=0, atol=1e-6 * float(got.max()))


@pytest.mark.parametrize("scale", ["htk", "slaney"])
def test_scales_are_librosas_and_invert(scale):
    librosa = pytest.importorskip("librosa")
    hertz = np.array([0.0, 20, 440, 999.9, 1000, 1000.1, 6400, 22050])
    mel = signal.hz_to_mel(hertz, scale=scale)
    np.testing.assert_allclose(mel, librosa.hz_to_mel(hertz, htk=scale == "htk"), rtol=1e-12)
    np.testing.assert_allclose(signal.mel_to_hz(mel, scale=scale), hertz, rtol=1e-12, atol=1e-9)
    assert (np.diff(mel) > 0).all()


@pytest.mark.parametrize("power", [1.0, 2.0])
def test_mel_spectrogram_is_torchaudios(power):
    torchaudio = pytest.importorskip("torchaudio")
    x = torch.randn(2, 5001, generator=torch.Generator().manual_seed(0))
    theirs = torchaudio.transforms.MelSpectrogram(16000, n_fft=512, hop_length=128, n_mels=40, power=power)
    got = signal.log_mel(x, 16000, n_fft=512, hop=128, n_mels=40, power=power, offset=None, pad_mode="reflect")
    torch.testing.assert_close(got, theirs(x), rtol=1e-3, atol=1e-4 * float(got.max()))


def test_log_mel_of_silence_gradients_and_numpy():
    silent = torch.zeros(2, 4000, requires_grad=True)
    out = signal.log_mel(silent, 8000, n_fft=256, hop=80, n_mels=40, power=1.0)
    out.sum().backward()
    assert torch.isfinite(out).all()
    assert torch.isfinite(silent.grad).all()
    assert float(signal.log_mel(np.zeros(400), 8000, n_fft=256, hop=80).max()) == pytest.approx(np.log(1e-6))
    x = torch.randn(60, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: signal.log_mel(x, 8000, n_fft=16, hop=5, n_mels=4), x)


def test_what_was_cached_without_gradients_still_trains():
    with torch.inference_mode():
        signal.log_mel(torch.zeros(100), 8001, n_fft=34, hop=7, n_mels=3)
    x = torch.randn(100, requires_grad=True)
    y = signal.log_mel(x * x.mean(), 8001, n_fft=34, hop=7, n_mels=3)
    signal.istft(signal.stft(y.flatten(), 34, 7), 7).sum().backward()
    assert torch.isfinite(x.grad).all()


def test_every_filter_of_a_sensible_bank_sees_a_bin():
    assert (signal.mel_filterbank(40, 512, 8000).sum(1) > 0).all()


@pytest.mark.parametrize(("call", "message"), [
    (lambda: signal.hz_to_mel(torch.ones(1), scale="bark"), "scale"),
    (lambda: signal.mel_filterbank(10, 512, 8000, f_min=5000), "f_min"),
    (lambda: signal.mel_filterbank(10, 512, 8000, norm="area"), "norm"),
])
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""course_lib.signal against torch, torchaudio, librosa, nnAudio and scipy: equal results first, then time.

    python benchmarks/bench_signal.py [--seconds 10] [--rounds 31] [--device cpu]

Goals: STFT at most 1.1 times torch.stft, mel at most 1.0 times torchaudio, CQT of 84 bins at most 1.0 times librosa, an
HCQT of six harmonics at least 5 times faster than six CQTs of librosa, the all-pole filter at most 2 times scipy and
its gradient at least 10 times faster than a loop over samples, harmonic synthesis at least 15 times faster than that.
"""

import argparse
import math
import sys
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from course_lib import device, signal
from course_lib.ui.tables import table_text

sys.path.insert(0, str(Path(__file__).parent))
from side_by_side import compare

SR, N_FFT, HOP, MELS = 16000, 1024, 256, 80
CQT_SR, HARMONICS = 22050, (0.5, 1, 2, 3, 4, 5)


def short_time(batch: int, seconds: float, options: dict) -> list[dict]:
    """STFT, its inverse, mel."""
    import torchaudio

    where = options["where"]
    x = torch.randn(batch, int(seconds * SR), generator=torch.Generator().manual_seed(0)).to(where)
    w = torch.hann_window(N_FFT, device=where)
    X = signal.stft(x, N_FFT, HOP)
    mel = torchaudio.transforms.MelSpectrogram(SR, n_fft=N_FFT, hop_length=HOP, n_mels=MELS, pad_mode="constant")
    mel = mel.to(where)
    size = f"{batch} × {seconds:g} s"
    return [
        compare(
            f"STFT, {size}", lambda: signal.stft(x, N_FFT, HOP),
            lambda: torch.stft(x, N_FFT, HOP, window=w, pad_mode="constant", return_complex=True),
            theirs_is="torch", goal="≤ 1.1", error_at_most=1e-5, **options,
        ),
        compare(
            f"inverse STFT, {size}", lambda: signal.istft(X, HOP, length=x.shape[-1]),
            lambda: torch.istft(X, N_FFT, HOP, window=w, length=x.shape[-1]), theirs_is="torch", goal="",
            error_at_most=1e-5, **options,
        ),
        compare(
            f"mel, {size}", lambda: signal.log_mel(x, SR, n_fft=N_FFT, hop=HOP, n_mels=MELS, offset=None),
            lambda: mel(x), theirs_is="torchaudio", goal="≤ 1.0", error_at_most=1e-3, **options,
        ),
    ]


def constant_q(seconds: float, options: dict) -> list[dict]:
    """CQT and HCQT; librosa cuts its kernels at 1 % and resamples, so levels agree to some percent of the largest."""
    import librosa

    where = options["where"]
    t = np.arange(int(seconds * CQT_SR)) / CQT_SR
    notes = 110.0 * 2.0 ** (np.floor(2 * t % 24) / 12)
    x = np.sin(2 * np.pi * np.cumsum(notes) / CQT_SR) + 0.3 * np.sin(6 * np.pi * np.cumsum(notes) / CQT_SR)
    x = x.astype(np.float32)
    ours = torch.from_numpy(x).to(where)
    lengths = signal.cqt_lengths(signal.cqt_frequencies(84), CQT_SR).sqrt()[:, None].float()

    def librosa_hcqt() -> np.ndarray:
        layers = [librosa.cqt(x, sr=CQT_SR, fmin=32.703 * h, n_bins=60) for h in HARMONICS]
        return np.abs(np.stack([layer[:, : layers[1].shape[1]] for layer in layers]))

    scale = torch.stack([
        signal.cqt_lengths(signal.cqt_frequencies(60, f_min=32.703 * h), CQT_SR).sqrt() for h in HARMONICS
    ])[..., None].float().to(where)
    return [
        compare(
            f"CQT, 84 bins, {seconds:g} s", lambda: signal.cqt(ours, CQT_SR).abs() * lengths.to(where),
            lambda: np.abs(librosa.cqt(x, sr=CQT_SR, fmin=32.703, n_bins=84)), theirs_is="librosa", goal="≤ 1.0",
            error_at_most=0.1, **options,
        ),
        compare(
            f"HCQT, 6 × 60 bins, {seconds:g} s", lambda: signal.hcqt(ours, CQT_SR).abs() * scale, librosa_hcqt,
            theirs_is="librosa, six times", goal="≤ 0.2", error_at_most=0.1, **options,
        ),
    ]


def against_nnaudio(batch: int, seconds: float, options: dict) -> list[dict]:
    """STFT, mel and CQT as the layers of nnAudio, whose CQT keeps whole kernels too."""
    from nnAudio import features

    where = options["where"]
    draw = torch.Generator().manual_seed(0)
    x = torch.randn(batch, int(seconds * SR), generator=draw).to(where)
    tones = torch.sin(torch.cumsum(0.05 + 0.3 * torch.rand(int(seconds * CQT_SR), generator=draw).round(), 0)).to(where)
    same = {"hop_length": HOP, "sr": SR, "pad_mode": "constant", "verbose": False}
    stft = features.STFT(n_fft=N_FFT, output_format="Complex", **same).to(where)
    mel = features.MelSpectrogram(n_fft=N_FFT, n_mels=MELS, htk=True, norm=None, fmax=SR / 2, **same).to(where)
    cqt = features.CQT1992v2(sr=CQT_SR, fmin=32.703, output_format="Magnitude", pad_mode="constant", verbose=False)
    cqt = cqt.to(where)
    scale = signal.cqt_lengths(signal.cqt_frequencies(84), CQT_SR).sqrt()[:, None].float().to(where)
    size, options = f"{batch} × {seconds:g} s", options | {"theirs_is": "nnAudio", "goal": ""}
    return [
        compare(f"STFT, {size}", lambda: signal.stft(x, N_FFT, HOP),
                lambda: torch.view_as_complex(stft(x).contiguous()), error_at_most=1e-5, **options),
        compare(f"mel, {size}", lambda: signal.log_mel(x, SR, n_fft=N_FFT, hop=HOP, n_mels=MELS, offset=None),
                lambda: mel(x), error_at_most=1e-4, **options),
        compare(f"CQT, 84 bins, {seconds:g} s", lambda: signal.cqt(tones, CQT_SR).abs() * scale,
                lambda: cqt(tones[None])[0], error_at_most=2e-2, **options),
    ]


def filters(seconds: float, options: dict) -> list[dict]:
    """The all-pole filter, and its gradient against autograd through a loop over samples."""
    import scipy.signal

    where = options["where"]
    poles = 0.97 * np.exp(1j * np.linspace(0.2, 2.8, 6))
    a = np.poly(np.concatenate([poles, poles.conj()])).real[1:]
    x = torch.randn(int(seconds * SR), generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    on_device, coefficients = x.to(where), torch.from_numpy(a).to(where)
    short = on_device[:2000]
    return [
        compare(
            f"all-pole, order 12, {seconds:g} s", lambda: signal.all_pole(on_device, coefficients),
            lambda: scipy.signal.lfilter([1.0], np.r_[1.0, a], x.numpy()), theirs_is="scipy", goal="≤ 2",
            error_at_most=1e-9, **options,
        ),
        compare(
            "all-pole with gradient, 2000 samples", lambda: _gradient(signal.all_pole, short, coefficients),
            lambda: _gradient(_all_pole_loop, short, coefficients), theirs_is="loop, unbind", goal="≤ 0.1",
            error_at_most=1e-9, **{**options, "rounds": max(3, options["rounds"] // 5)},
        ),
    ]


def _gradient(run, x: Tensor, a: Tensor) -> Tensor:
    x, a = x.clone().requires_grad_(True), a.clone().requires_grad_(True)
    run(x, a).square().sum().backward()
    return torch.cat([x.grad, a.grad])


def _all_pole_loop(x: Tensor, a: Tensor) -> Tensor:
    """Sample by sample; `unbind` first, for slicing in the loop makes backward quadratic."""
    y: list[Tensor] = []
    taps = a.unbind()
    for value in x.unbind():
        for k in range(min(len(taps), len(y))):
            value = value - taps[k] * y[-1 - k]
        y.append(value)
    return torch.stack(y)


def synthesis(seconds: float, options: dict) -> list[dict]:
    """Harmonic synthesis from frames against a loop over samples."""
    where, harmonics, hop = options["where"], 60, 64
    frames = int(seconds * SR) // hop
    f0 = torch.linspace(100, 200, frames, dtype=torch.float64).to(where)
    gain = torch.rand(harmonics, frames, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).to(where)
    return [compare(
        f"harmonic synthesis, 60 × {seconds:g} s", lambda: signal.harmonic_synthesis(f0, gain, SR, hop=hop),
        lambda: _synthesis_loop(f0, gain, hop), theirs_is="loop over samples", goal="≤ 0.067", error_at_most=1e-6,
        **{**options, "rounds": max(3, options["rounds"] // 10)},
    )]


def _synthesis_loop(f0: Tensor, gain: Tensor, hop: int) -> Tensor:
    """One sample after the other, all harmonics of it at once."""
    samples = len(f0) * hop
    track, loud = signal.interpolate_frames(f0, hop, samples), signal.interpolate_frames(gain, hop, samples)
    h = torch.arange(1, len(gain) + 1, device=f0.device)
    phase, out = torch.zeros((), dtype=f0.dtype, device=f0.device), []
    for frequency, level in zip(track.unbind(), loud.unbind(-1), strict=True):
        phase = torch.remainder(phase + 2 * math.pi * frequency / SR, 2 * math.pi)
        out.append((level * (h * frequency < SR / 2) * torch.sin(h * phase)).sum())
    return torch.stack(out)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each signal")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--device", default="cpu")
    given = parser.parse_args()
    options = {"where": torch.device(given.device), "rounds": given.rounds}
    rows = short_time(given.batch, given.seconds, options) + short_time(1, 1.0, options)
    rows += constant_q(given.seconds, options) + against_nnaudio(given.batch, given.seconds, options)
    rows += filters(given.seconds, options) + synthesis(1.0, options)
    print(table_text(rows, title=f"course_lib.signal against its peers, torch {torch.__version__}",
                     caption=str(device.report())))


if __name__ == "__main__":
    main()

"""STFT, inverse STFT and mel spectrogram of course_lib against torch and torchaudio: error first, then time.

    python benchmarks/bench_stft.py [--seconds 10] [--batch 4] [--rounds 31] [--device cpu]

The two sides are timed in turn, so that a busy machine slows both; the ratio is the median over the rounds. Goals:
STFT at most 1.1 times torch.stft, mel at most 1.0 times torchaudio.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from course_lib import device, signal
from course_lib.ui.tables import table_text

SR, N_FFT, HOP, MELS = 16000, 1024, 256, 80


def timed(run: Callable[[], object], where: torch.device) -> float:
    """Seconds of one call, the device's queue empty before and after."""
    if where.type == "cuda":
        torch.cuda.synchronize()
    start = time.perf_counter()
    run()
    if where.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def compare(name: str, ours: Callable, theirs: Callable, where: torch.device, rounds: int) -> dict:
    """One row: largest difference relative to the largest value, median times in ms, median ratio and its quartiles."""
    a, b = ours(), theirs()
    error = float((a - b).abs().max() / b.abs().max())
    pairs = []
    for i in range(rounds + 3):  # three rounds to warm up
        order = (ours, theirs) if i % 2 else (theirs, ours)
        times = [timed(run, where) for run in order]
        pairs.append(times if i % 2 else times[::-1])
    pairs = pairs[3:]
    low, ratio, high = statistics.quantiles([ours_s / theirs_s for ours_s, theirs_s in pairs], n=4)
    return {
        "what": name, "relative error": f"{error:.1e}", "ours (ms)": 1e3 * statistics.median(p[0] for p in pairs),
        "theirs (ms)": 1e3 * statistics.median(p[1] for p in pairs), "ratio": ratio,
        "quartiles": f"{low:.2f} to {high:.2f}",
    }


def measure(batch: int, seconds: float, rounds: int, where: torch.device) -> list[dict]:
    """All rows for one size of input."""
    import torchaudio

    x = torch.randn(batch, int(seconds * SR), generator=torch.Generator().manual_seed(0)).to(where)
    w = torch.hann_window(N_FFT, device=where)
    X = signal.stft(x, N_FFT, HOP)
    mel = torchaudio.transforms.MelSpectrogram(SR, n_fft=N_FFT, hop_length=HOP, n_mels=MELS, pad_mode="constant")
    mel = mel.to(where)
    size = f"{batch} × {seconds:g} s"
    return [
        compare(
            f"STFT, {size}", lambda: signal.stft(x, N_FFT, HOP),
            lambda: torch.stft(x, N_FFT, HOP, window=w, pad_mode="constant", return_complex=True), where, rounds,
        ),
        compare(
            f"inverse STFT, {size}", lambda: signal.istft(X, HOP, length=x.shape[-1]),
            lambda: torch.istft(X, N_FFT, HOP, window=w, length=x.shape[-1]), where, rounds,
        ),
        compare(
            f"mel, {size}", lambda: signal.log_mel(x, SR, n_fft=N_FFT, hop=HOP, n_mels=MELS, offset=None),
            lambda: mel(x), where, rounds,
        ),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each signal")
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    where = torch.device(options.device)
    rows = measure(options.batch, options.seconds, options.rounds, where) + measure(1, 1.0, options.rounds, where)
    print(table_text(rows, title=f"course_lib.signal against torch {torch.__version__} and torchaudio",
                     caption=str(device.report())))


if __name__ == "__main__":
    main()

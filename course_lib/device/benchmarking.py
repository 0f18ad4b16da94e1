"""Four measurements that tell how long the experiments of this course will take on a machine."""

import statistics
import time
from collections.abc import Callable

import torch

from course_lib.device.choice import available

SAMPLE_RATE = 16_000


def benchmark(*, seconds: float = 2.0, devices: list[str] | None = None) -> list[dict]:
    """Measure matrix product, 1-D convolution, STFT and memory copy on each available device, in float32.

    Args:
        seconds: time to spend on each measurement of each device, in seconds; at least three runs are always made.
        devices: names such as ["cpu", "cuda"]; all that are available if None.

    Returns:
        One row per device: "device", "matmul (GFLOP/s)" for 1024 x 1024 matrices, "conv1d (GFLOP/s)" for 64 channels
        and a kernel of 9 on 2 s of sound, "STFT (x real time)" for 1024 points and a hop of 256 on 16 kHz sound, and
        "copy (GB/s)" (read plus write). Each number is the median of its runs.

    Used in unit 00_start.
    """
    names = devices if devices is not None else [name for name in available() if ":" not in name]
    return [{"device": name, **_measure(torch.device(name), seconds)} for name in names]


@torch.no_grad()
def _measure(device: torch.device, seconds: float) -> dict[str, float]:
    generator = torch.Generator().manual_seed(0)

    def noise(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator).to(device)

    size, channels, kernel, length = 1024, 64, 9, 2 * SAMPLE_RATE
    a, b = noise(size, size), noise(size, size)
    x, weight = noise(1, channels, length), noise(channels, channels, kernel)
    sound, window = noise(8, 10 * SAMPLE_RATE), torch.hann_window(1024, device=device)
    block = noise(16 * 2**20)  # 64 MiB: larger than the caches
    target = torch.empty_like(block)

    def timed(run: Callable[[], object]) -> float:
        return _median_time(run, device, seconds)

    matmul = timed(lambda: a @ b)
    conv = timed(lambda: torch.nn.functional.conv1d(x, weight, padding=kernel // 2))
    stft = timed(lambda: torch.stft(sound, 1024, 256, window=window, return_complex=True))
    copy = timed(lambda: target.copy_(block))
    return {
        "matmul (GFLOP/s)": 2 * size**3 / matmul / 1e9,
        "conv1d (GFLOP/s)": 2 * channels * channels * kernel * length / conv / 1e9,
        "STFT (x real time)": sound.numel() / SAMPLE_RATE / stft,
        "copy (GB/s)": 2 * block.numel() * block.element_size() / copy / 1e9,
    }


def _median_time(run: Callable[[], object], device: torch.device, seconds: float) -> float:
    """Median seconds of one call, after a warm-up call; at least three calls, then until `seconds` have passed."""
    run()
    _synchronise(device)
    times: list[float] = []
    started = time.perf_counter()
    while len(times) < 3 or (time.perf_counter() - started < seconds and len(times) < 1000):
        before = time.perf_counter()
        run()
        _synchronise(device)
        times.append(time.perf_counter() - before)
    return statistics.median(times)


def _synchronise(device: torch.device) -> None:
    """Wait for the device: a GPU returns from a call before its work is done."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()

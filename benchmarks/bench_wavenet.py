"""WaveNet, naive generation against generation with queues: equal samples and logits first, then time.

    python benchmarks/bench_wavenet.py [--rounds 9] [--device cpu]

Naive is one forward pass over the whole receptive field for each sample. Goal: queues 80 times faster on a CPU.
"""

import argparse
import statistics
import sys
from pathlib import Path

import torch

from course_lib import device
from course_lib.models import WaveNet, generate, generate_naive
from course_lib.ui.tables import table_text

sys.path.insert(0, str(Path(__file__).parent))
from side_by_side import timed

SR, HOP, NAIVE_SAMPLES, CACHED_SAMPLES = 8000, 80, 3, 1000


def row(channels: int, batch: int, where: torch.device, rounds: int) -> dict:
    """One size of network: equal first, then samples per second of one sound, taking turns."""
    torch.manual_seed(0)
    model = WaveNet(channels=channels, skip=channels, global_size=12, local_size=24).to(where)
    field = model.receptive_field
    uniform = torch.rand(batch, field + NAIVE_SAMPLES, device=where)
    world = torch.randn(batch, 12, device=where)
    local = torch.randn(batch, 24, -(-uniform.shape[1] // HOP), device=where)
    classes, logits = generate(model, uniform, world, local, return_logits=True)
    before = classes[:, :field]

    def naive() -> tuple:
        return generate_naive(model, uniform[:, field:].contiguous(), world, local, before=before)

    slow, slow_logits = naive()
    error = float((slow_logits - logits[..., field:]).abs().max() / slow_logits.abs().max())
    same = bool((slow == classes[:, field:]).all())
    if not same or error > 1e-5:
        raise SystemExit(f"naive and cached differ: same samples {same}, logits {error:.1e}")
    draws = uniform[:, :CACHED_SAMPLES].contiguous()
    pairs = []
    for _ in range(rounds + 1):
        pairs.append((timed(naive, where) / NAIVE_SAMPLES,
                      timed(lambda: generate(model, draws, world, local), where) / CACHED_SAMPLES))
    pairs = pairs[1:]                                     # the first warms up
    slow_s, fast_s = (statistics.median(times) for times in zip(*pairs, strict=True))
    low, ratio, high = statistics.quantiles([a / b for a, b in pairs], n=4)
    return {
        "network": f"{channels} channels, 2 × (1 … 512), {batch} sound(s)", "same samples": same,
        "relative error": f"{error:.1e}", "naive (ms)": f"{1e3 * slow_s:.3g}", "queues (ms)": f"{1e3 * fast_s:.3g}",
        "samples/s": round(batch / fast_s), "real time at 8 kHz": f"{1 / fast_s / SR:.2f}",
        "ratio": f"{ratio:.0f}", "quartiles": f"{low:.0f} to {high:.0f}", "goal": "≥ 80" if batch == 1 else "",
    }


def table(rounds: int, where: torch.device) -> list[dict]:
    """Two widths alone, and a batch."""
    return [row(32, 1, where, rounds), row(64, 1, where, rounds), row(32, 16, where, rounds)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--device", default=str(device.get()))
    options = parser.parse_args()
    if options.rounds < 2:
        parser.error("quartiles need at least two rounds")
    print(table_text(table(options.rounds, torch.device(options.device))))


if __name__ == "__main__":
    main()

"""Separation losses and models against their plain or named peers: equal results first, then the median time.

    python benchmarks/bench_tasnet.py

Prints one table: what was computed, by whom, the largest difference from the peer, and milliseconds (median of the
repeats, all in one process, the candidates in turn).
"""

import statistics
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, one_hot

from course_lib.losses import deep_clustering_loss, mixit, permutation_invariant, si_snr
from course_lib.models import ConvTasNet, TasNet
from course_lib.nn import GlobalLayerNorm

REPEATS = 9
SAMPLE_RATE = 8000


def affinity_loss(V: Tensor, Y: Tensor) -> Tensor:
    """The deep-clustering loss with both N×N matrices."""
    return (V @ V.mT - Y @ Y.mT).square().mean((1, 2))


def gln(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """gLN as the equation reads."""
    mean, variance = x.mean((1, 2), keepdim=True), x.var((1, 2), correction=0, keepdim=True)
    return (x - mean) / torch.sqrt(variance + 1e-8) * weight[:, None] + bias[:, None]


def torchaudio_peer(length: int) -> nn.Module:
    """torchaudio's Conv-TasNet with the default sizes of ours."""
    from torchaudio.models import ConvTasNet as Peer

    return Peer(num_sources=2, enc_kernel_size=length, enc_num_feats=128, msk_kernel_size=3, msk_num_feats=64,
                msk_num_hidden_feats=128, msk_num_layers=6, msk_num_stacks=2)


def cases() -> list[tuple[str, dict[str, Callable[[], Tensor]], bool]]:
    """(what, candidate → function, whether their results must agree)."""
    found = []
    for bins in (1000, 4000):
        V = normalize(torch.randn(1, bins, 20), dim=-1)
        Y = one_hot(torch.randint(2, (1, bins)), 2).float()
        found.append((f"deep-clustering loss, {bins} bins", {
            "low rank": lambda V=V, Y=Y: deep_clustering_loss(V, Y),
            "affinity matrix": lambda V=V, Y=Y: affinity_loss(V, Y),
        }, True))
    for sources in (2, 4, 6, 8):
        pairs = torch.randn(8, sources, sources)
        found.append((f"PIT, batch of 8, {sources} sources", {
            method: lambda p=pairs, m=method: permutation_invariant(p, method=m)[0] for method in ("brute", "hungarian")
        }, True))
    x, norm = torch.randn(8, 128, 500), GlobalLayerNorm(128)
    found.append(("gLN, (8, 128, 500)", {
        "GroupNorm(1, C)": lambda: norm(x), "equation": lambda: gln(x, norm.weight, norm.bias),
    }, True))
    e, r = torch.randn(2, 8, 2, SAMPLE_RATE)
    estimates, mixtures = torch.randn(8, 4, SAMPLE_RATE), torch.randn(8, 2, SAMPLE_RATE)
    found.append(("SI-SNR, 16 s", {"course_lib": lambda: si_snr(e, r)} | _torchmetrics(e, r), True))
    found.append(("MixIT, batch of 8 s, 4 outputs", {"course_lib": lambda: mixit(estimates, mixtures)[0]}, True))
    second = torch.randn(1, SAMPLE_RATE)
    ours, peer, lstm = ConvTasNet(length=32).eval(), torchaudio_peer(32).eval(), TasNet().eval()
    found.append(("separate 1 s", {
        "ConvTasNet": lambda: ours(second), "torchaudio ConvTasNet": lambda: peer(second[:, None]),
        "TasNet": lambda: lstm(second),
    }, False))
    return found


def _torchmetrics(e: Tensor, r: Tensor) -> dict[str, Callable[[], Tensor]]:
    from torchmetrics.functional.audio import scale_invariant_signal_noise_ratio

    return {"torchmetrics": lambda: scale_invariant_signal_noise_ratio(e, r)}


def measure(candidates: dict[str, Callable[[], Tensor]]) -> dict[str, float]:
    """Median milliseconds of each candidate; they take turns, so that a slow moment hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(REPEATS + 1):                         # the first round warms up
        for name, run in candidates.items():
            started = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(values[1:]) for name, values in times.items()}


@torch.no_grad()
def main() -> None:
    """Run all cases and print the table; exit with an error where two candidates disagree."""
    torch.manual_seed(0)
    print(f"{'what':34} {'by':24} {'difference':>11} {'ms':>9} {'× first':>8}")
    for what, candidates, agree in cases():
        first = next(iter(candidates.values()))()
        medians = measure(candidates)
        base = next(iter(medians.values()))
        for name, run in candidates.items():
            difference = (run() - first).abs().max().item() if agree else float("nan")
            if agree and difference > 1e-3 * max(1.0, first.abs().max().item()):
                raise SystemExit(f"{what}: {name} differs by {difference:.3g}")
            shown = f"{difference:11.1e}" if agree else f"{'-':>11}"
            print(f"{what:34} {name:24} {shown} {medians[name]:9.3f} {medians[name] / base:8.2f}")
    print("real-time factor = milliseconds of 'separate 1 s' / 1000")


if __name__ == "__main__":
    main()

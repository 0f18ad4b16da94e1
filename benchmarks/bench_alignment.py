"""Dynamic time warping against librosa, edit distance against torchaudio: equal results first, then time.

    python benchmarks/bench_alignment.py [--rounds 11]

Goals: one large matrix about as fast as librosa's compiled loops, with the path; many small ones, as a recogniser
by templates has them, at least 5 times faster; edit distance with the kinds of error counted at most 3 times
torchaudio, which counts none.
"""

import argparse
import random
import sys
from pathlib import Path

import numpy as np
import torch

from course_lib import device, metrics, signal
from course_lib.ui.tables import table_text

sys.path.insert(0, str(Path(__file__).parent))
from side_by_side import compare


def warping(options: dict, sizes: tuple[int, ...] = (100, 300, 1000)) -> list[dict]:
    """Cost and path of one matrix: both sides give total cost and path, and both are compared."""
    import librosa

    def ours(cost: np.ndarray) -> np.ndarray:
        warp = signal.dtw(cost)
        return np.concatenate([[warp.total], warp.path.ravel()])

    def theirs(cost: np.ndarray) -> np.ndarray:
        total, path = librosa.sequence.dtw(C=cost)
        return np.concatenate([[total[-1, -1]], path[::-1].ravel()])

    rows = []
    for n in sizes:
        cost = np.random.default_rng(n).random((n, n + n // 5))
        rows.append(compare(
            f"DTW with path, {n} x {n + n // 5}", lambda cost=cost: ours(cost), lambda cost=cost: theirs(cost),
            theirs_is="librosa", goal="≤ 2" if n >= 300 else "", error_at_most=1e-9, **options,
        ))
    return rows


def templates(options: dict, count: int = 500, frames: int = 50) -> list[dict]:
    """The cost of one utterance against many templates."""
    import librosa

    cost = np.random.default_rng(0).random((count, frames, frames + 7)).astype(np.float32)
    return [compare(
        f"DTW cost, {count} x {frames} x {frames + 7}", lambda: signal.dtw_cost(cost),
        lambda: np.array([librosa.sequence.dtw(C=one, backtrack=False)[-1, -1] for one in cost]),
        theirs_is="librosa, one by one", goal="≤ 0.2", error_at_most=1e-5, **options,
    )]


def edits(options: dict, lengths: tuple[int, ...] = (10, 100)) -> list[dict]:
    """Levenshtein distance of random strings of digits."""
    from torchaudio.functional import edit_distance

    rows = []
    for n in lengths:
        draw = random.Random(n)
        pairs = [([draw.randrange(10) for _ in range(n)], [draw.randrange(10) for _ in range(n + 2)])
                 for _ in range(20)]
        rows.append(compare(
            f"edit distance, 20 x {n} symbols",
            lambda pairs=pairs: np.array([float(metrics.edit_counts(a, b).errors) for a, b in pairs]),
            lambda pairs=pairs: np.array([float(edit_distance(a, b)) for a, b in pairs]),
            theirs_is="torchaudio", goal="≤ 3", error_at_most=0.0, **options,
        ))
    return rows


def table(rounds: int) -> list[dict]:
    """Warping, templates, edits; all on the CPU."""
    options = {"where": torch.device("cpu"), "rounds": rounds}
    return warping(options) + templates({**options, "rounds": max(3, rounds // 3)}) + edits(options)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=11)
    given = parser.parse_args()
    print(table_text(table(given.rounds), title="Alignment against its peers", caption=str(device.report())))


if __name__ == "__main__":
    main()

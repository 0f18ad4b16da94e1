"""Sequences: CTC, WaveNet generation, time warping and edit distance against their peers, equal results first.

    python benchmarks/bench_sequence.py [--rounds 9] [--device cpu]

Goals: CTC forward at most 7 times native and at least 30 times faster than the triple loop; WaveNet with queues at
least 80 times faster than naive generation; one time warping at most 2 times librosa's compiled loops, many small ones
at most a fifth of its time; edit distance with the kinds of errors at most 3 times torchaudio, which counts none.

Each part is a program of its own: bench_ctc.py, bench_wavenet.py, bench_alignment.py.
"""

import argparse
import sys
from pathlib import Path

import torch

from course_lib import device
from course_lib.ui.tables import table_text

sys.path.insert(0, str(Path(__file__).parent))
import bench_alignment
import bench_ctc
import bench_wavenet


def main() -> None:
    """Print the three tables, each as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--device", default="cpu")
    options = parser.parse_args()
    where = torch.device(options.device)
    machine = device.report().name if where.type == "cpu" else str(where)
    print(table_text(bench_ctc.table(options.rounds, where), title=f"CTC loss, float32, {machine}"), flush=True)
    print(table_text(bench_wavenet.table(options.rounds, where), title="WaveNet, naive against queues"), flush=True)
    print(table_text(bench_alignment.table(options.rounds), title="Alignment, on the CPU"), flush=True)


if __name__ == "__main__":
    main()

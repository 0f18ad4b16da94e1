"""Partial tracking: peaks of successive frames joined into sinusoids that are born, live and die.

Peaks are matched to the live partials by distance in frequency, the closest pairs first; a partial without a match
within `max_jump` sleeps for a few frames and then dies; a peak without a match is born as a new one.

Derived in unit 06_sinusoidal. Paper: R. McAulay, T. Quatieri, IEEE TASSP 34, 1986.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from course_lib.signal.additive_synthesis import additive, interpolate_frames
from course_lib.signal.peak_picking import Peaks


@dataclass
class Partial:
    """One sinusoid over time: the frames in which it was seen, with frequency in Hz, amplitude and phase of each."""

    frames: list[int] = field(default_factory=list)
    frequency: list[float] = field(default_factory=list)
    amplitude: list[float] = field(default_factory=list)
    phase: list[float] = field(default_factory=list)

    @property
    def birth(self) -> int:
        """The first frame."""
        return self.frames[0]

    @property
    def death(self) -> int:
        """The last frame."""
        return self.frames[-1]

    def add(self, frame: int, peaks: Peaks, index: int) -> None:
        """Go on with one peak of a frame."""
        self.frames.append(frame)
        self.frequency.append(float(peaks.frequency[index]))
        self.amplitude.append(float(peaks.amplitude[index]))
        self.phase.append(float(peaks.phase[index]))


def track_partials(
    peaks: Sequence[Peaks], *, max_jump: float = 0.03, sleep: int = 2, shortest: int = 4
) -> list[Partial]:
    """Join the peaks of successive frames.

    Args:
        peaks: one `Peaks` per frame.
        max_jump: largest relative change of frequency from one frame to the next (0.03: half a semitone).
        sleep: frames without a match after which a partial dies.
        shortest: partials seen in fewer frames are dropped: noise makes many short ones.

    Returns:
        Partials by birth, then by frequency.
    """
    live: list[Partial] = []
    done: list[Partial] = []
    for m, found in enumerate(peaks):
        pairs = match(np.array([p.frequency[-1] for p in live]), found.frequency, max_jump)
        for i, j in pairs:
            live[i].add(m, found, j)
        taken = {j for _, j in pairs}
        done += [p for p in live if m - p.death > sleep]
        live = [p for p in live if m - p.death <= sleep]
        for j in range(len(found)):
            if j not in taken:
                live.append(Partial())
                live[-1].add(m, found, j)
    kept = [p for p in done + live if len(p.frames) >= shortest]
    return sorted(kept, key=lambda p: (p.birth, p.frequency[0]))


def synthesise_partials(partials: Sequence[Partial], sr: float, *, hop: int, samples: int) -> Tensor:
    """Sum of partials with phases from their integrated frequency; each fades in and out over one hop.

    Another `hop` than that of the analysis makes the sound longer or shorter without changing its pitch.

    Args:
        partials: as `track_partials` gives; frames asleep are bridged by straight lines.
        sr: sampling rate in Hz.
        hop: samples between frames.
        samples: length of the result.

    Returns:
        (samples,) float64.
    """
    y = torch.zeros(samples, dtype=torch.float64)
    for p in partials:
        frames = np.arange(max(p.birth - 1, 0), p.death + 2)
        start, end = frames[0] * hop, min(frames[-1] * hop + 1, samples)
        if start >= end:
            continue
        frequency = np.interp(frames, p.frames, p.frequency)
        amplitude = np.interp(frames, p.frames, p.amplitude, left=0.0, right=0.0)
        tracks = interpolate_frames(torch.from_numpy(np.stack([frequency, amplitude])), hop, end - start)
        y[start:end] += additive(tracks[:1], tracks[1:], sr)
    return y


def match(old: np.ndarray, new: np.ndarray, max_jump: float) -> list[tuple[int, int]]:
    """Pairs (index in `old`, index in `new`), each index at most once, the closest in relative frequency first.

    >>> match(np.array([100.0, 200.0]), np.array([101.0, 99.5, 300.0]), 0.03)
    [(0, 1)]
    """
    if len(old) == 0 or len(new) == 0:
        return []
    jump = np.abs(new[None, :] - old[:, None]) / old[:, None]
    rows, columns = np.nonzero(jump <= max_jump)
    pairs, used_old, used_new = [], set(), set()
    for k in np.argsort(jump[rows, columns], kind="stable"):
        i, j = int(rows[k]), int(columns[k])
        if i not in used_old and j not in used_new:
            pairs.append((i, j))
            used_old.add(i)
            used_new.add(j)
    return sorted(pairs)

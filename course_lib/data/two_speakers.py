"""Two people saying digits at the same time: mixtures whose parts are known, made anew at every step."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib import audio
from course_lib.data.views.digits import RATE as SAMPLE_RATE

KNOWN = ("george", "jackson", "lucas", "nicolas")
"""Speakers whose voices a model may hear in training."""
UNSEEN = ("theo", "yweweler")
"""Speakers held out of training: strangers to every model but the control that trains on them alone."""
TEST_TAKES = range(5)
"""Takes 0 to 4 of every speaker: the official test split."""
TRAIN_TAKES = range(5, 50)


class TwoSpeakerMixtures:
    """Batches of mixtures of two different speakers: `mixtures(step)` → (mixture, sources), the same at each call.

    Each source is a string of random digits of one speaker, cut to the length asked for, so that both speak all the
    time. The order of the two speakers is random: a model cannot know which one is "source 1".

    Args:
        digits: the recordings to draw from (`data.spoken_digits(...)` or generated ones); 8 kHz, at least two speakers.
        seconds: length of an excerpt.
        batch: mixtures per batch.
        snr_db: range of the level of the first source above each other one, uniform, in dB.
        speed: range of the factor by which a string is played faster or slower, drawn for each string: a cheap way to
            more voices (pitch and formants move together). (1, 1) leaves the recordings as they are.
        sources: speakers per mixture.
        seed: another seed gives other mixtures of the same recordings.

    Raises:
        ValueError: fewer speakers than sources.
    """

    def __init__(
        self, digits: Sequence[Any], *, seconds: float = 1.0, batch: int = 8,
        snr_db: tuple[float, float] = (-2.5, 2.5), speed: tuple[float, float] = (1.0, 1.0), sources: int = 2,
        seed: int = 0,
    ):
        self.voices: dict[str, list[np.ndarray]] = {}
        for digit in digits:
            self.voices.setdefault(digit.speaker, []).append(_level(digit.audio()))
        if len(self.voices) < sources:
            raise ValueError(f"mixtures of {sources} need at least {sources} speakers, got {sorted(self.voices)}")
        self.samples = round(seconds * SAMPLE_RATE)
        self.batch, self.snr_db, self.speed, self.sources, self.seed = batch, snr_db, speed, sources, seed
        self.groups = list(combinations(sorted(self.voices), sources))

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Batch number `step`: mixture (batch, samples) and sources (batch, sources, samples), float32."""
        rng = np.random.default_rng((self.seed, step))
        sources = torch.from_numpy(np.stack([self._example(rng) for _ in range(self.batch)]))
        return sources.sum(1), sources

    def _example(self, rng: np.random.Generator) -> np.ndarray:
        names = rng.permutation(self.groups[rng.integers(len(self.groups))])
        sources = np.stack([self._speech(self.voices[str(name)], rng) for name in names])
        below = np.append(0.0, rng.uniform(*self.snr_db, size=self.sources - 1))    # dB below the first source
        gains = 10 ** ((below.mean() - below) / 20)                                  # the mean level stays
        return (sources * gains[:, None]).astype(np.float32)

    def _speech(self, takes: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
        """Digits one after another, a random crop of exactly `samples`, at -25 dBFS."""
        speed = rng.uniform(*self.speed)
        needed, pieces = int(np.ceil((self.samples + SAMPLE_RATE // 2) * speed)), []
        while sum(map(len, pieces)) < needed:
            pieces.append(takes[rng.integers(len(takes))])
        speech = np.concatenate(pieces)
        if speed != 1.0:
            speech = audio.resample(speech, round(SAMPLE_RATE * speed), SAMPLE_RATE)
        start = rng.integers(len(speech) - self.samples + 1)
        return _level(speech[start : start + self.samples])


def _level(x: np.ndarray, dbfs: float = -25.0) -> np.ndarray:
    """To a level without its mean; silence stays silent."""
    x = x - x.mean()
    rms = float(np.sqrt(np.mean(np.square(x))))
    return (x * (10 ** (dbfs / 20) / rms if rms > 0 else 0.0)).astype(np.float32)

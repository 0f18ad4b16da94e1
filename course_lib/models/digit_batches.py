"""Digit strings as tensors: normalised log-mel features, label strings for CTC, and labels per step for cross-entropy.

Conventions: class 0 is the blank ("no digit" in the framewise labels), class d + 1 is the digit d. Features have a hop
of 10 ms; the recogniser puts out one step for `SUBSAMPLING` frames. Unit 12_ctc.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.data.digit_strings import SAMPLE_RATE, DigitString
from course_lib.models.ctc_recogniser import SUBSAMPLING, output_steps
from course_lib.models.padded_batches import PaddedBatch, normalised, padded_sounds
from course_lib.signal import log_mel

CLASSES, BANDS, HOP = 11, 40, 80
IGNORED = -100
"""Label of padded steps, which `torch.nn.functional.cross_entropy` leaves out."""


@dataclass(frozen=True)
class DigitBatch(PaddedBatch):
    """One batch of strings; `utterances` in all, padded to the longest."""

    features: Float[Tensor, "utterances frames bands"]
    lengths: Int[Tensor, " utterances"]
    labels: Int[Tensor, "utterances symbols"]
    label_lengths: Int[Tensor, " utterances"]
    step_labels: Int[Tensor, "utterances steps"]


def collate(
    strings: Sequence[DigitString], *, mask_bands: int = 0, rng: np.random.Generator | None = None,
) -> DigitBatch:
    """Features and labels of a list of strings.

    Args:
        mask_bands: widest band of frequencies to blank out in each utterance (SpecAugment, for training only).
        rng: draws the masks.
    """
    features, lengths = log_mel_features([s.audio for s in strings])
    if mask_bands:
        for utterance in features:
            width = int(rng.integers(mask_bands + 1))
            first = int(rng.integers(BANDS - width + 1))
            utterance[:, first : first + width] = 0.0
    labels = [torch.tensor(s.digits) + 1 for s in strings]
    return DigitBatch(
        features=features,
        lengths=lengths,
        labels=torch.nn.utils.rnn.pad_sequence(labels, batch_first=True),
        label_lengths=torch.tensor([len(label) for label in labels]),
        step_labels=_step_labels(strings, output_steps(lengths)),
    )


def log_mel_features(
    audio: Sequence[Float[np.ndarray, " samples"]],
) -> tuple[Float[Tensor, "utterances frames bands"], Int[Tensor, " utterances"]]:
    """Log-mel spectrograms, normalised per utterance, and their lengths in frames."""
    padded, samples = padded_sounds(audio)
    mel = log_mel(padded, SAMPLE_RATE, n_fft=256, hop=HOP, n_mels=BANDS, f_min=60.0, offset=1e-5).transpose(1, 2)
    lengths = samples // HOP + 1                                       # of a centred STFT
    return normalised(mel, lengths), lengths


def _step_labels(strings: Sequence[DigitString], steps: Int[Tensor, " utterances"]) -> Int[Tensor, "utterances steps"]:
    """The class at the middle of each output step, from the known places of the digits."""
    labels = torch.full((len(strings), int(steps.max())), IGNORED)
    for row, string, count in zip(labels, strings, steps.tolist(), strict=True):
        middle = (torch.arange(count) * SUBSAMPLING + SUBSAMPLING / 2 - 0.5) * HOP
        row[:count] = 0
        for digit, (start, end) in zip(string.digits, string.spans, strict=True):
            row[:count][(middle >= start) & (middle < end)] = digit + 1
    return labels

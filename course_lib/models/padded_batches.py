"""Sounds of different lengths as one tensor, log-mel features normalised per utterance, and batches that change device.

Conventions: what lies beyond the end of an utterance is zero and has no influence on what is inside. Used in units
12_ctc, 13_deep_speech and 14_attention.
"""

from collections.abc import Sequence
from dataclasses import fields
from typing import Self

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.nn.padding import inside


class PaddedBatch:
    """Base of the dataclasses whose fields are tensors."""

    def to(self, device: torch.device | str) -> Self:
        """The same batch on another device."""
        return type(self)(*(getattr(self, field.name).to(device) for field in fields(self)))


def padded_sounds(
    audio: Sequence[Float[np.ndarray, " samples"]],
) -> tuple[Float[Tensor, "utterances samples"], Int[Tensor, " utterances"]]:
    """Sounds as float32, zero beyond their end, and their numbers of samples.

    Raises:
        ValueError: no sound, or an empty one.
    """
    if not len(audio) or min(map(len, audio)) == 0:
        raise ValueError("a batch needs at least one sound, and at least one sample in each")
    rows = [torch.as_tensor(x, dtype=torch.float32) for x in audio]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([len(x) for x in rows])


def normalised(
    features: Float[Tensor, "utterances frames bands"], lengths: Int[Tensor, " utterances"],
) -> Float[Tensor, "utterances frames bands"]:
    """Zero mean in each band and unit variance over all bands of each utterance, zero where padded.

    The mean of a band over an utterance carries the microphone and much of the voice; without it speakers are closer.
    """
    there = inside(lengths, features.shape[1])[:, :, None]
    features = features * there
    features = (features - features.sum(1, keepdim=True) / lengths[:, None, None]) * there
    variance = features.square().sum((1, 2), keepdim=True) / (lengths[:, None, None] * features.shape[2])
    return features / (variance + 1e-8).sqrt()

"""MFCCs with their slopes and the slopes of the slopes: the features of the recognisers before networks.

Conventions: speech at 8 kHz, one frame for 10 ms; utterances as a padded batch, zero beyond their end. Each coefficient
of an utterance has mean 0 and variance 1 over its frames, which takes away the level and the colour of the microphone.
Used in unit 11_dtw_hmm; the MFCC is derived in unit 04_features.

Paper: S. Furui, "Speaker-independent isolated word recognition using dynamic features of speech spectrum", IEEE TASSP
34, 1986.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from course_lib.signal import mfcc

RATE, HOP, WINDOW, BANDS, COEFFICIENTS = 8000, 80, 256, 26, 13
FEATURES = 3 * COEFFICIENTS
LEVEL = 0.07
"""RMS to which an utterance is brought before the logarithm, whose small offset would otherwise depend on it."""


def mfcc_with_deltas(sounds: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    """Features of a list of sounds.

    Args:
        sounds: arrays (samples,) at 8 kHz, each at least one sample.

    Returns:
        (utterances, frames, 39) float32, zero beyond the end, and the (utterances,) numbers of frames.

    Raises:
        ValueError: no sound, or an empty one.

    >>> features, lengths = mfcc_with_deltas([np.zeros(800), np.ones(4000)])
    >>> features.shape, lengths.tolist()
    (torch.Size([2, 51, 39]), [11, 51])
    """
    if not len(sounds) or min(map(len, sounds)) == 0:
        raise ValueError("features need at least one sound, and at least one sample in each")
    found = [_one(torch.from_numpy(np.ascontiguousarray(sound, dtype=np.float32))) for sound in sounds]
    return torch.nn.utils.rnn.pad_sequence(found, batch_first=True), torch.tensor([len(f) for f in found])


def deltas(x: Tensor, reach: int = 2) -> Tensor:
    """The slope of each feature: a straight line fitted to `reach` frames on each side. The edge frames are repeated.

    Args:
        x: (..., frames, features).

    Returns:
        The same shape, per frame.

    >>> deltas(torch.arange(6.0)[:, None])[2:4, 0]
    tensor([1., 1.])
    """
    frames = x.shape[-2]
    index = torch.arange(frames)
    slope = torch.zeros_like(x)
    for n in range(1, reach + 1):
        ahead, behind = (index + n).clamp_max(frames - 1), (index - n).clamp_min(0)
        slope += n * (x[..., ahead, :] - x[..., behind, :])
    return slope / (2 * sum(n * n for n in range(1, reach + 1)))


def _one(sound: Tensor) -> Tensor:
    """(samples,) → (frames, 39)."""
    sound = sound * (LEVEL / sound.square().mean().sqrt().clamp_min(1e-5))
    cepstra = mfcc(sound, RATE, n_mfcc=COEFFICIENTS, n_mels=BANDS, n_fft=WINDOW, hop=HOP, offset=1e-4).mT
    slopes = deltas(cepstra)
    x = torch.cat([cepstra, slopes, deltas(slopes)], -1)
    return (x - x.mean(0)) / x.std(0, correction=0).clamp_min(1e-3)

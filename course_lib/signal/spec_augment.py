"""SpecAugment: time warp, frequency masks and time masks on a spectrogram, drawn anew for each utterance.

A width is drawn uniformly from 0 to its parameter, both included, and then a place where the mask lies within the
utterance. Masked cells take the value `fill`, 0 for features of zero mean. Derived in unit 13_deep_speech.

Paper: D. Park et al., "SpecAugment: a simple data augmentation method for automatic speech recognition", Interspeech
2019.
"""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

Spectrograms = Float[Tensor, "utterances frames bands"]


def spec_augment(
    features: Spectrograms, lengths: Int[Tensor, " utterances"], rng: np.random.Generator, *,
    freq_masks: int = 2, freq_width: int = 8, time_masks: int = 2, time_width: int = 20, time_share: float = 0.2,
    warp: int = 0, fill: float = 0.0,
) -> Spectrograms:
    """A masked (and warped) copy of a batch; the input stays as it is.

    Args:
        features: spectrograms, padded.
        lengths: valid frames of each utterance: nothing beyond them is changed, and no mask reaches there.
        rng: draws widths and places.
        freq_masks, freq_width: number and largest width F of the bands that are blanked out.
        time_masks, time_width: number and largest width T of the stretches of frames that are blanked out.
        time_share: no stretch is longer than this share of its utterance (the paper's p).
        warp: largest shift W of a frame by the time warp; 0 leaves it out.
        fill: value of masked cells.

    Returns:
        Same shape. Differentiable; masked cells pass no gradient.

    Raises:
        ValueError: a parameter is negative, or wider than the spectrogram has bands.
    """
    bands = features.shape[2]
    if min(freq_masks, freq_width, time_masks, time_width, warp) < 0 or not 0 <= time_share <= 1:
        raise ValueError("numbers and widths of masks must not be negative, and time_share must lie in 0 … 1")
    if freq_masks and freq_width > bands:
        raise ValueError(f"a mask of up to {freq_width} bands does not fit into {bands}")
    if warp:
        features = time_warped(features, lengths, warp, rng)
    counts = lengths.tolist()
    masked = torch.zeros(features.shape, dtype=torch.bool)
    for mask, frames in zip(masked, counts, strict=True):
        for _ in range(freq_masks):
            first, last = draw_span(freq_width, bands, rng)
            mask[:frames, first:last] = True
        for _ in range(time_masks):
            first, last = draw_span(min(time_width, int(time_share * frames)), frames, rng)
            mask[first:last] = True
    return features.masked_fill(masked.to(features.device), fill)


def draw_span(widest: int, size: int, rng: np.random.Generator) -> tuple[int, int]:
    """First and last place (exclusive) of a mask: width uniform in 0 … widest, then a place uniform within `size`."""
    width = int(rng.integers(min(widest, size) + 1))
    first = int(rng.integers(size - width + 1))
    return first, first + width


def time_warped(
    features: Spectrograms, lengths: Int[Tensor, " utterances"], warp: int, rng: np.random.Generator,
) -> Spectrograms:
    """One frame of each utterance is moved by up to `warp` frames; the two sides are stretched to fit, linearly.

    The paper warps by a spline image transform; a line on each side moves the same point and keeps the ends. Utterances
    of at most 2·warp frames are left alone.
    """
    at = torch.arange(features.shape[1]).repeat(len(features), 1).double()
    for row, frames in zip(at, lengths.tolist(), strict=True):
        if frames <= 2 * warp:
            continue
        source = int(rng.integers(warp, frames - warp))
        target = source + int(rng.integers(-warp, warp + 1))
        row[:frames] = torch.from_numpy(
            np.interp(np.arange(frames), [0, min(max(target, 1), frames - 2), frames - 1], [0, source, frames - 1])
        )
    below = at.floor().long()
    above = torch.minimum(below + 1, torch.as_tensor(features.shape[1] - 1))
    share = (at - below).to(features)[:, :, None]
    below, above = (index[:, :, None].expand_as(features).to(features.device) for index in (below, above))
    return features.gather(1, below) * (1 - share) + features.gather(1, above) * share

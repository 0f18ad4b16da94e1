"""SpecAugment: what is masked, how widths and places are distributed, and that the input survives."""

import numpy as np
import torch
from numpy import ndarray
from numpy.random import Generator

from course_lib.checks.core import CheckFailed, as_array, expect, expect_close, passed, subject, visible_rng

MANY = 3000
"""Utterances of one call from which the law of the widths is read."""


def spec_augment(answer, *, rng: Generator | None = None, cases: int = 12) -> None:
    """One band and one stretch of frames of each utterance, inside it, widths uniform to F and T. (exercise 13.5)"""
    f, rng = subject(answer), visible_rng(rng)
    _expect_not_swapped(f, rng)
    for case in range(cases):
        batch, frames, bands = int(rng.integers(1, 6)), int(rng.integers(6, 20)), int(rng.integers(4, 12))
        lengths = rng.integers(3, frames - 1, batch)
        x = _features(rng, batch, frames, bands, [torch.float32, torch.float64][case % 2])
        freq_width = int(rng.integers(0, bands + 1))
        time_width = int(rng.integers(0, 2 * frames)) if case % 3 else 0
        found = _masked(f, x, lengths, freq_width, time_width, int(rng.integers(2**31)))
        for mask, n in zip(found, lengths, strict=True):
            _split(mask, int(n), freq_width, min(time_width, int(n)))
    _expect_repeatable(f, rng)
    _expect_untouched(f, rng)
    _expect_own_widths(f, rng)
    _expect_law(f, rng)
    _expect_short_law(f, rng)
    passed("spec_augment", f"{cases} random batches, the gradient, and widths and places of {3 * MANY} masks")


def _features(rng: Generator, batch: int, frames: int, bands: int, dtype=torch.float64) -> torch.Tensor:
    """No cell is near zero, so a masked cell can be seen; the padding holds numbers too."""
    return torch.from_numpy(rng.uniform(1, 2, (batch, frames, bands))).to(dtype)


def _masked(f, x: torch.Tensor, lengths: ndarray, freq_width: int, time_width: int, seed: int) -> ndarray:
    """Which cells an answer set to zero; everything else must be as it was."""
    got = f.call(x, torch.from_numpy(np.asarray(lengths)), freq_width, time_width, seed)
    expect(not isinstance(got, tuple), "one tensor should come back, the masked batch; yours is a tuple.")
    expect(not isinstance(got, torch.Tensor) or got.dtype == x.dtype,
           f"the masked batch should have the dtype of the features, {str(x.dtype).removeprefix('torch.')}, got "
           f"{str(getattr(got, 'dtype', None)).removeprefix('torch.')}.")
    got = as_array(got, "the masked batch")
    expect(got.shape == tuple(x.shape), f"the masked batch should have the shape of the input, {tuple(x.shape)}, got "
           f"{got.shape}.")
    zero = got == 0
    expect_close(np.where(zero, x.numpy(), got), x.numpy(), "what is not masked", rtol=1e-6,
                 context="(it should be as it was, and a masked cell 0)")
    padding = np.arange(x.shape[1]) >= np.asarray(lengths)[:, None]
    expect(not padding.any() or not zero[padding].all(), "the padding is set to zero: it stays as it is, whatever "
           "stands there.")
    expect(not zero[padding].any(), "a mask reaches beyond the end of an utterance: draw the place of a stretch "
           "within its own length, and mask bands in its valid frames only.")
    return zero


def _split(mask: ndarray, frames: int, freq_width: int, time_width: int) -> tuple[slice, slice]:
    """The band and the stretch of one utterance, from the cells that are masked."""
    inside = mask[:frames]
    rows, columns = inside.all(1), inside.all(0)
    everything = rows.all()
    expect((inside == (rows[:, None] | columns[None])).all(), "the masked cells are not a band of all valid frames "
           "together with a stretch of all bands.")
    for places, what in ((rows, "stretch of frames"), (columns, "band")):
        edges = np.flatnonzero(np.diff(np.r_[0, places.astype(int), 0]))
        expect(len(edges) <= 2, f"the masked {what} of an utterance is in {len(edges) // 2} pieces: one mask of each "
               "kind, of neighbours.")
    if not everything:
        for count, widest, what in ((rows.sum(), time_width, "frames"), (columns.sum(), freq_width, "bands")):
            expect(count <= widest, f"{count} {what} are masked in one utterance, but the widest mask is {widest}: the "
                   "width is drawn from 0 … the parameter, both included.")
    return rows, columns


def _expect_not_swapped(f, rng: Generator) -> None:
    """Narrow bands and long stretches: 40 utterances of 30 frames and 20 bands."""
    found = _masked(f, _features(rng, 40, 30, 20), np.full(40, 30), 1, 9, int(rng.integers(2**31)))
    bands, frames = (np.array([m.all(axis).sum() for m in found]) for axis in (0, 1))
    expect(not (bands.max() > 2 and frames.max() <= 1), "the widths for bands and frames are swapped: features are "
           "(utterances, frames, bands).")


def _expect_repeatable(f, rng: Generator) -> None:
    x, lengths = _features(rng, 40, 30, 20), np.full(40, 30)
    first, again, other = (_masked(f, x, lengths, 10, 12, seed) for seed in (5, 5, 6))
    expect((first == again).all(), "the same seed gives other masks: draw from np.random.default_rng(seed) only.")
    expect((first != other).any(), "another seed gives the same masks: the seed is not used.")
    expect((first != first[:1]).any(), "all utterances of the batch have the same mask: draw one for each utterance.")
    bands = np.array([_split(m, 30, 10, 12)[1] for m in first])
    stretches = np.array([_split(m, 30, 10, 12)[0] for m in first])
    expect((bands != bands[:1]).any(), "all utterances have the same band masked: draw one for each utterance.")
    expect((stretches != stretches[:1]).any(), "all utterances have the same frames masked: draw for each utterance.")


def _expect_untouched(f, rng: Generator) -> None:
    """Under autograd a tensor that wants gradients refuses to be written into."""
    x, lengths = _features(rng, 6, 25, 10), np.array([25, 20, 9, 25, 13, 22])
    zero = _masked(f, x, lengths, 6, 8, 3)
    try:
        gradient = f.gradients(x, torch.from_numpy(lengths), 6, 8, 3)
    except CheckFailed as error:
        if "in-place" not in error.message and "inplace" not in error.message:
            raise
        raise CheckFailed("the features are changed in place: another epoch would find the old masks in them. Work on "
                          "a copy (clone, or masked_fill and torch.where, which copy).") from None
    expect("input0" in gradient, "no gradient reaches the features: stay with torch.")
    expect_close(gradient["input0"], (~zero).astype(float), "the gradient of the sum", context="(1 where nothing is "
                 "masked, 0 where it is)")


def _expect_own_widths(f, rng: Generator) -> None:
    """Twelve small batches: a width that differs between them, but never within one, is drawn once for all."""
    x, lengths = torch.ones(8, 16, 12), np.full(8, 16)
    found = [[_split(m, 16, 4, 5) for m in _masked(f, x, lengths, 4, 5, int(rng.integers(2**31)))] for _ in range(12)]
    for axis, what in ((1, "band"), (0, "stretch of frames")):
        widths = np.array([[parts[axis].sum() for parts in batch] for batch in found])
        expect((widths != widths[:, :1]).any() or (widths == widths[0, 0]).all(),
               f"each masked {what} of a batch has the same width: draw a width for each utterance.")


def _expect_law(f, rng: Generator) -> None:
    bands, frames, short, freq_width, time_width = 12, 16, 9, 4, 5
    lengths = np.where(np.arange(MANY) % 2, frames - 2, short)
    x = torch.ones(MANY, frames, bands)
    found = _masked(f, x, lengths, freq_width, time_width, int(rng.integers(2**31)))
    parts = [_split(m, n, freq_width, time_width) for m, n in zip(found, lengths, strict=True)]
    _expect_uniform([c.sum() for _, c in parts], freq_width, "bands")
    _expect_uniform([r.sum() for r, _ in parts], time_width, "frames")
    _expect_places([np.flatnonzero(c) for _, c in parts], np.full(MANY, bands), "band")
    _expect_places([np.flatnonzero(r) for r, _ in parts], lengths, "frame")
    _expect_edges([np.flatnonzero(c) for _, c in parts], np.full(MANY, bands), "band")
    _expect_edges([np.flatnonzero(r) for r, _ in parts], lengths, "frame")
    _expect_unrelated(parts, lengths)


def _expect_short_law(f, rng: Generator) -> None:
    """Utterances of 3 to 6 frames in one batch, a widest stretch of 18, no bands."""
    lengths = 3 + np.arange(MANY) % 4
    found = _masked(f, torch.ones(MANY, 8, 3), lengths, 0, 18, int(rng.integers(2**31)))
    widths = np.array([_split(m, int(n), 0, int(n))[0].sum() for m, n in zip(found, lengths, strict=True)])
    for n in np.unique(lengths):
        share = np.bincount(widths[lengths == n], minlength=n + 1) / (lengths == n).sum()
        law = f"with T = 18, widths in an utterance of {n} frames are equally likely from 0 to {n}"
        expect(share[n] > 0, f"{law}; yours never has {n}. The bound is min(T, its own length), included.")
        expect(share[n] < 2 / (n + 1), f"{law}; in yours {100 * share[n]:.0f} % have {n}. Draw from 0 … min(T, "
               "length); a width that is drawn from 0 … T and cut afterwards blanks whole utterances too often.")
        _expect_uniform(widths[lengths == n].tolist(), int(n), f"frames in an utterance of {n}")


def _expect_uniform(widths: list, widest: int, what: str) -> None:
    counts = np.bincount(np.asarray(widths, int), minlength=widest + 1)
    share, spread = counts / len(widths), 6 * np.sqrt(1 / (widest + 1) / len(widths))
    table = ", ".join(f"{w}: {100 * s:.0f} %" for w, s in enumerate(share))
    expect(counts[widest] > 0, f"the width {widest} of a mask of {what} never came in {len(widths)} draws: it is drawn "
           "from 0 … the parameter, both included, and Generator.integers leaves its upper end out.")
    expect(counts[0] > 0, f"the width 0 of a mask of {what} never came in {len(widths)} draws: an utterance may stay "
           "as it is.")
    expect(np.abs(share - 1 / (widest + 1)).max() < spread,
           f"the widths of the masks of {what} should be equally likely from 0 to {widest}; yours come with {table}.")


def _expect_places(places: list[ndarray], sizes: ndarray, what: str) -> None:
    """Of masks of width one the place is uniform; the first and the last must both be reached."""
    for size in np.unique(sizes):
        at = [p[0] for p, n in zip(places, sizes, strict=True) if n == size and len(p) == 1]
        counts = np.bincount(at, minlength=size)
        expect(counts[size - 1] > 0, f"no mask ever reaches the last {what} of {size}: a mask of width w has "
               f"{size} - w + 1 places.")
        expect(counts[0] > 0, f"no mask ever reaches the first {what} of {size}.")
        spread = 6 * np.sqrt(1 / size / len(at))
        expect(np.abs(counts / len(at) - 1 / size).max() < spread,
               f"masks of one {what} should lie anywhere among {size} equally often; yours lie there {counts.tolist()} "
               "times.")


def _expect_edges(places: list[ndarray], sizes: ndarray, what: str) -> None:
    """Wider masks: a mask of width w begins at the first and ends at the last place once in size - w + 1 draws."""
    wide = [(p[0], p[-1] + 1, n) for p, n in zip(places, sizes, strict=True) if len(p) > 1]
    chance = np.array([1 / (n - (end - first) + 1) for first, end, n in wide])
    spread = 6 * np.sqrt((chance * (1 - chance)).sum())
    for count, edge in (
        (sum(first == 0 for first, _, _ in wide), "first"), (sum(end == n for _, end, n in wide), "last"),
    ):
        expect(abs(count - chance.sum()) < spread,
               f"of {len(wide)} masks of two or more {what}s {count} touch the {edge} {what}, {chance.sum():.0f} "
               "should: a mask of width w lies at any of its size - w + 1 places, drawn with this width. A place "
               "that is drawn first and then moved to fit comes too often at the edge.")


def _expect_unrelated(parts: list[tuple], lengths: ndarray) -> None:
    """Band and stretch of an utterance are drawn one after the other, not from the same random numbers."""
    rows, columns = zip(*parts, strict=True)
    widths = np.array([[c.sum(), r.sum()] for r, c in parts], float)
    both = widths.min(1) > 0
    first = np.array([[c.argmax() / (c.size - c.sum() + 1), r.argmax() / (n - r.sum() + 1)] for r, c, n in
                      zip(rows, columns, lengths, strict=True)])
    for pairs, what in ((widths, "widths"), (first[both], "places")):
        related = np.corrcoef(pairs.T)[0, 1]
        expect(abs(related) < 6 / np.sqrt(len(pairs)),
               f"the {what} of the band and of the stretch of an utterance go together (correlation {related:.2f}): "
               "the same random numbers were used for both. Make one generator and draw from it all the time.")

"""Batches by length, and batch normalisation that does not see the padding."""

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from course_lib.checks.core import (
    CheckFailed,
    as_array,
    expect,
    expect_close,
    expect_equal,
    passed,
    subject,
    visible_rng,
)


def length_batches(answer, *, rng: Generator | None = None, cases: int = 15) -> None:
    """Every utterance once, short to long, padded at its end to the longest of its batch. (exercise 13.3)"""
    f, rng = subject(answer), visible_rng(rng)
    for lengths, size in (([7, 1, 6, 2, 9], 2), ([5, 3, 5, 8, 3], 2)):
        _expect_batches(f, [rng.normal(size=(n, 3)).astype(np.float32) for n in lengths], size)
    for case in range(cases):
        count, size, bands = int(rng.integers(1, 12)), int(rng.integers(1, 5)), int(rng.integers(1, 4))
        lengths = rng.permutation(np.arange(1, 30))[:count].tolist()
        if case % 4 == 3 and count > 2:
            lengths[1] = lengths[2] = lengths[0]
        dtype = np.float64 if case % 2 else np.float32
        utterances = [(rng.normal(size=(n, bands)) + 2).astype(dtype) for n in lengths]
        _expect_batches(f, utterances, size)
    passed("length_batches", f"{cases} sets of up to 11 utterances, also equal lengths and a single one")


def _expect_batches(f, utterances: list[np.ndarray], size: int) -> None:
    lengths = [len(u) for u in utterances]
    order = sorted(range(len(lengths)), key=lambda i: lengths[i])
    wanted = [order[i : i + size] for i in range(0, len(order), size)]
    context = f"for the lengths {lengths} and a batch size of {size}"
    got = f.call(utterances, size)
    if not isinstance(got, (list, tuple)) or not all(isinstance(b, (list, tuple)) and len(b) == 3 for b in got):
        raise CheckFailed(f"expected a list of batches (indices, padded, lengths) {context}.")
    indices = [as_array(b[0], "the list of indices of a batch").ravel().tolist() for b in got]
    unsorted = list(range(len(lengths)))
    expect_equal(indices, wanted, "the list of indices in each batch", context=context, mistakes={
        "the last batch is smaller and was dropped: every utterance belongs to a batch.":
            [b for b in wanted if len(b) == size],
        "the utterances are not sorted by length, so short ones are padded to long ones.":
            [unsorted[i : i + size] for i in range(0, len(unsorted), size)],
        "the longest come first: the first batches should be the short ones.":
            [order[::-1][i : i + size] for i in range(0, len(order), size)],
        "equal lengths keep their order (sort once, by the length alone).":
            indices if _same_lengths(indices, wanted, lengths) else None,
    })  # fmt: skip
    longest = max(lengths)
    for batch, members in zip(got, wanted, strict=True):
        here = [lengths[i] for i in members]
        padded = as_array(batch[1], "a padded batch")
        expect(
            padded.shape != (len(members), longest, utterances[0].shape[1]) or max(here) == longest,
            f"a batch of lengths {here} is padded to {longest} frames, the longest of all: pad to the longest of the "
            "batch, or sorting saves nothing.",
        )
        expect_equal(
            as_array(batch[2], "the list of lengths of a batch").ravel(), here, "the list of lengths of a batch",
            context=context, mistakes={
                "these are the lengths after padding; the true ones tell where the padding begins.":
                    [max(here)] * len(here),
            },
        )
        expect_close(padded, _padded(utterances, members), "a padded batch", rtol=1e-6, mistakes={
            "the padding is in front; it belongs behind the utterance.": _padded(utterances, members, front=True),
            "the last frame is repeated; pad with zeros.": _padded(utterances, members, repeat=True),
        }, context=context)  # fmt: skip


def _same_lengths(indices: list[list[int]], wanted: list[list[int]], lengths: list[int]) -> bool:
    """Whether other utterances stand there, but all of the right length."""
    if sorted(i for batch in indices for i in batch) != list(range(len(lengths))):
        return False
    return [[lengths[i] for i in b] for b in indices] == [[lengths[i] for i in b] for b in wanted]


def _padded(utterances: list[np.ndarray], members: list[int], *, front: bool = False, repeat: bool = False):
    longest = max(len(utterances[i]) for i in members)
    rows = []
    for i in members:
        fill = np.zeros((longest - len(utterances[i]), utterances[i].shape[1]))
        if repeat:
            fill = fill + utterances[i][-1]
        rows.append(np.concatenate([fill, utterances[i]] if front else [utterances[i], fill]))
    return np.stack(rows)


def masked_batch_norm(answer, *, rng: Generator | None = None, cases: int = 16) -> None:
    """Statistics of the valid cells alone, whatever stands in the padding. (exercise 13.4)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        x, lengths, gain, offset, eps = _norm_input(rng, case)
        want = _norm(x, lengths, gain, offset, eps)
        context = f"for x of shape {tuple(x.shape)}, lengths {lengths.tolist()} and eps={eps:g}"
        got = f.call(x, lengths, gain, offset, eps)
        expect(not isinstance(got, torch.Tensor) or got.dtype == x.dtype,
               f"the normalised batch should have the dtype of x, {_dtype(x)}, got {_dtype(got)}.")
        if _padding_moved(got, x, lengths):
            context += " (its padding should be zero)"
        expect_close(got, want, "the normalised batch", rtol=1e-4, atol=1e-5, context=context,
                     mistakes=lambda a=(x, lengths, gain, offset, eps): _norm_faults(*a))
    x, lengths, gain, offset, eps = _norm_input(rng, 3)
    longer = torch.cat([x, torch.full((*x.shape[:-1], 5), 77.0, dtype=x.dtype)], -1)
    expect_close(
        as_array(f.call(longer, lengths, gain, offset, eps))[..., : x.shape[-1]], _norm(x, lengths, gain, offset, eps),
        "the normalised batch with five more frames of padding", rtol=1e-4, atol=1e-5,
    )
    _expect_norm_gradient(f, rng)
    passed("masked_batch_norm", f"{cases} random batches, five more frames of padding, and the gradient")


def _padding_moved(got, x: Tensor, lengths: Tensor) -> bool:
    """Whether something stands in the padding of an answer of the right shape."""
    same = isinstance(got, torch.Tensor) and got.shape == x.shape
    return same and bool((got * ~_mask(lengths, x.shape[-1])).any())


def _dtype(x) -> str:
    return str(getattr(x, "dtype", None)).removeprefix("torch.")


def _norm_input(rng: Generator, case: int) -> tuple:
    batch, channels, bands = [3, 1, 2, 4][case % 4], int(rng.integers(1, 4)), int(rng.integers(1, 5))
    lengths = torch.from_numpy(rng.integers(3, 12, batch))
    frames = int(lengths.max()) + int(rng.integers(1, 6))
    dtype = [torch.float32, torch.float64][case // 2 % 2]
    x = rng.normal(size=(batch, channels, bands, frames)) * rng.uniform(0.5, 3, (1, channels, 1, 1))
    x = torch.from_numpy(x + rng.uniform(1, 3, (1, channels, 1, 1))).to(dtype)
    x = torch.where(_mask(lengths, frames), x, torch.from_numpy(rng.uniform(5, 9, x.shape)).to(dtype))
    gain, offset = (torch.from_numpy(rng.uniform(0.5, 2, channels)).to(dtype) for _ in range(2))
    return x, lengths, gain, offset, [1e-5, 0.2][case % 2]


def _mask(lengths: Tensor, frames: int) -> Tensor:
    return (torch.arange(frames) < lengths[:, None])[:, None, None, :]


def _norm(x: Tensor, lengths: Tensor, gain: Tensor, offset: Tensor, eps: float) -> np.ndarray:
    """By cutting out the valid cells of each channel: no masks anywhere."""
    out = np.zeros(x.shape)
    for c in range(x.shape[1]):
        valid = np.concatenate([x[b, c, :, :n].double().numpy().ravel() for b, n in enumerate(lengths.tolist())])
        for b, n in enumerate(lengths.tolist()):
            z = (x[b, c, :, :n].double().numpy() - valid.mean()) / np.sqrt(valid.var() + eps)
            out[b, c, :, :n] = z * float(gain[c]) + float(offset[c])
    return out


def _norm_faults(x: Tensor, lengths: Tensor, gain: Tensor, offset: Tensor, eps: float) -> dict:
    mask = _mask(lengths, x.shape[-1]).double()
    x, gain, offset = x.double(), gain.double()[None, :, None, None], offset.double()[None, :, None, None]
    axes, cells = (0, 2, 3), mask.sum() * x.shape[2]
    zeroed = x * mask

    def done(mean, var, keep=mask):
        return ((x - mean) / (var + eps).sqrt() * gain + offset) * keep

    def stats(values):
        return values.mean(axes, keepdim=True), values.var(axes, keepdim=True, correction=0)

    mean = zeroed.sum(axes, keepdim=True) / cells
    var = ((x - mean) * mask).square().sum(axes, keepdim=True) / cells
    spread = (zeroed - mean).square()
    own = mask.sum(3, keepdim=True) * x.shape[2]
    own_mean = zeroed.sum((2, 3), keepdim=True) / own
    own_var = ((x - own_mean) * mask).square().sum((2, 3), keepdim=True) / own
    place = mask.sum(axes, keepdim=True)
    band_mean = zeroed.sum((0, 3), keepdim=True) / place
    band_var = ((x - band_mean) * mask).square().sum((0, 3), keepdim=True) / place
    return {
        "mean and variance were taken with the padding in them, and the mask came after: mask before.": done(*stats(x)),
        "the padding was set to zero and then counted: divide by the number of valid cells, a masked mean.":
            done(*stats(zeroed)),
        "the mean is right, but the variance counts the padding: x - mean is not zero there. Mask it again.":
            done(mean, spread.sum(axes, keepdim=True) / cells),
        "the mean is right, but the variance is divided by all cells: divide by the valid ones.":
            done(mean, ((x - mean) * mask).square().mean(axes, keepdim=True)),
        "the padding is not zero afterwards: x and the mean have moved it. Mask the output too.": done(mean, var, 1.0),
        "the padding is not zero afterwards: the offset has moved it. Mask the output too.":
            done(mean, var) + offset * (1 - mask),
        "the valid frames were counted, not the cells: a channel has bands × frames of them.":
            done(zeroed.sum(axes, keepdim=True) / mask.sum(),
                 ((x - zeroed.sum(axes, keepdim=True) / mask.sum()) * mask).square().sum(axes, keepdim=True)
                 / mask.sum()),
        "every utterance has statistics of its own; batch norm shares them in the batch.": done(own_mean, own_var),
        "every band has statistics of its own; they are shared by all bands of a channel.": done(band_mean, band_var),
        "the variance is divided by n - 1; the batch norm of training divides by n.":
            done(mean, var * cells / (cells - 1)),
        "eps is added to the standard deviation; it belongs to the variance, under the root.":
            ((x - mean) / (var.sqrt() + eps) * gain + offset) * mask,
        "eps is missing.": done(mean, var - eps) if bool((var > eps).all()) else torch.zeros(()),
        "gain and offset are missing.": (x - mean) / (var + eps).sqrt() * mask,
    }  # fmt: skip


def _expect_norm_gradient(f, rng: Generator) -> None:
    x, lengths, gain, offset, eps = _norm_input(rng, 2)
    x, gain, offset = x.double(), gain.double().requires_grad_(True), offset.double().requires_grad_(True)
    weight = torch.from_numpy(rng.normal(size=tuple(x.shape)))
    leaf = x.clone().requires_grad_(True)
    rows = []
    for c in range(x.shape[1]):
        valid = torch.cat([leaf[b, c, :, :n].reshape(-1) for b, n in enumerate(lengths.tolist())])
        for b, n in enumerate(lengths.tolist()):
            z = (leaf[b, c, :, :n] - valid.mean()) / (valid.var(correction=0) + eps).sqrt()
            rows.append(((z * gain[c] + offset[c]) * weight[b, c, :, :n]).sum())
    torch.stack(rows).sum().backward()
    got = f.gradients(x, lengths, gain.detach(), offset.detach(), eps, cotangent=weight.numpy())
    expect("input0" in got, "no gradient reaches x: stay with torch, without .detach(), .item() or .numpy().")
    expect_close(
        got["input0"], leaf.grad, "the gradient for x", rtol=1e-4, atol=1e-6,
        context="(it flows through mean and variance too, and is zero in the padding)",
    )
    for key, leaf, name in (("input2", gain, "gain"), ("input3", offset, "offset")):
        expect(key in got, f"no gradient reaches {name}, which is learnt too: without .detach(), .item() or .numpy().")
        expect_close(got[key], leaf.grad, f"the gradient for {name}", rtol=1e-4, atol=1e-6)

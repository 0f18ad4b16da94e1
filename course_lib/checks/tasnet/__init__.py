"""Checks of unit 19_tasnet: SI-SNR, permutation-invariant training, gLN and TCN block, deep clustering, MixIT.

Conventions: torch tensors, batch first, samples or frames last; losses in dB or as the card of the exercise says.
"""

import numpy as np
import torch
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
from course_lib.checks.tasnet import mistakes, oracle
from course_lib.checks.tasnet.tcn import check_tcn_block

DTYPES = (torch.float32, torch.float64)


def si_snr(answer, *, rng=None, cases: int = 15) -> None:
    """Scale-invariant signal-to-noise ratio, with means removed and silence survived. (exercise 19.1)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        shape = [(), (1,), (3,), (2, 3)][case % 4] + (int(rng.integers(8, 400)),)
        r = rng.normal(size=shape)
        noise = rng.normal(size=shape) * 10 ** rng.uniform(-1.5, 0.8, (*shape[:-1], 1))
        e = (r + noise) * rng.uniform(0.3, 3, (*shape[:-1], 1)) * rng.choice([-1, 1]) + rng.uniform(-1, 1)
        r, eps = r + rng.uniform(-1, 1), [1e-8, 0.5][case % 2]
        e, r = (_tensor(x, DTYPES[case // 2 % 2], strided=case % 3 == 2) for x in (e, r))
        expect_close(
            f.call(e, r, eps), oracle.si_snr(e, r, eps), "the SI-SNR", rtol=0, atol=5e-3,
            mistakes=mistakes.si_snr(e, r, eps), context=f"for tensors of shape {shape} and eps={eps:g}",
        )
    _si_snr_silence(f, rng)
    e, r = (torch.from_numpy(rng.normal(size=(2, 30))) for _ in range(2))
    _expect_gradient(f, (e, r), lambda a, b: oracle.si_snr_torch(a, b).sum(), "the SI-SNR")
    passed("si_snr", f"{cases} random pairs (gains, offsets, odd lengths, no batch axis), silence, and the gradient")


def _si_snr_silence(f, rng: np.random.Generator) -> None:
    tone = torch.from_numpy(rng.normal(size=50))
    silent = torch.zeros(50, dtype=torch.float64)
    for e, r, what in ((silent, tone, "a silent estimate"), (tone, silent, "a silent reference"),
                       (silent, silent, "two silent signals")):
        got = as_array(f.call(e, r, 1e-8), f"the SI-SNR of {what}")
        expect(np.isfinite(got).all(), f"the SI-SNR of {what} is {got}: add eps to |r|², to |target|² and to |noise|², "
               "so that silence is neither 0/0 nor log of zero.")
        expect_close(got, oracle.si_snr(e, r, 1e-8), f"the SI-SNR of {what}", rtol=0, atol=0.05)


def pit(answer, *, rng=None, cases: int = 20) -> None:
    """The smallest mean loss over all permutations, for each example by itself. (exercise 19.2)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        sources, batch = [2, 3, 1, 4, 3][case % 5], [4, 1, 3][case % 3]
        pairs = _tensor(10 * rng.normal(size=(batch, sources, sources)) - 5, DTYPES[case % 2], strided=case % 4 == 3)
        loss, order = _two(_call(f, pairs), "pit", "(loss, permutation)")
        want, best = oracle.pit(pairs)
        context = f"for {batch} example(s) of {sources} sources"
        expect_close(loss, want, "the loss", mistakes=mistakes.pit(pairs), context=context)
        got = as_array(order, "the permutation")
        _expect_index(got, "the permutation")
        expect(got.shape == best.shape, f"the permutation should have shape {best.shape} {context}, got {got.shape}.")
        expect_equal(got.astype(int), best, "the permutation", context=context, mistakes={
            "it is the inverse one: permutation[b, j] is the output that stands for source j, and rows of `pairs` are "
            "outputs.": np.argsort(best, -1),
            "the sources count from 0.": best + 1,
        })
    same_best = torch.tensor([[[0.0, 1.0, 2.0], [5.0, 6.0, 9.0], [7.0, 9.0, 9.5]]])
    expect_close(_two(f.call(same_best), "pit", "(loss, permutation)")[0], oracle.pit(same_best)[0],
                 "the loss when one output is the best for every source", mistakes=mistakes.pit(same_best))
    pairs = torch.from_numpy(rng.normal(size=(3, 3, 3)))
    _expect_gradient(f, (pairs,), lambda p: oracle.pit_torch(p).sum(), "the loss", output=0)
    passed("pit", f"{cases} batches of 1 to 4 sources, an output that is best for all, and the gradient")


def global_layer_norm(answer, *, rng=None, cases: int = 15) -> None:
    """Normalisation over channels and time of each example, then a gain and an offset per channel. (exercise 19.3)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        batch, channels = [3, 1, 2][case % 3], int(rng.integers(2, 7))
        frames = channels if case % 5 == 4 else int(rng.integers(1, 40))
        x = rng.normal(size=(batch, channels, frames)) * rng.uniform(0.2, 4, (batch, 1, 1)) + rng.normal(
            size=(batch, channels, 1))
        gain, offset, eps = rng.normal(size=channels), rng.normal(size=channels), [1e-8, 0.3][case % 2]
        x, gain, offset = (_tensor(v, DTYPES[case // 2 % 2], strided=case % 3 == 1) for v in (x, gain, offset))
        expect_close(
            f.call(x, gain, offset, eps), oracle.norm(x, gain, offset, eps, (1, 2)), "gLN(x)", rtol=2e-5, atol=2e-5,
            mistakes=mistakes.norm(x, gain, offset, eps),
            context=f"for x of shape {tuple(x.shape)} and eps={eps:g}",
        )
    _expect_far_from_zero(f, rng)
    offset = torch.from_numpy(rng.normal(size=3))
    expect_close(f.call(torch.zeros(2, 3, 8, dtype=torch.float64), offset + 1, offset, 1e-8),
                 oracle.array(offset)[None, :, None].repeat(2, 0).repeat(8, 2), "gLN of silence")
    args = tuple(torch.from_numpy(rng.normal(size=s)) for s in ((2, 3, 5), 3, 3))
    weight = torch.from_numpy(rng.normal(size=(2, 3, 5)))
    _expect_gradient(f, args, lambda x, g, o: (oracle.norm_torch(x, g, o, 1e-8) * weight).sum(), "gLN(x)",
                     cotangent=weight.numpy(), extra=(1e-8,))
    passed("global_layer_norm", f"{cases} random inputs, silence, and the gradient of input, gain and offset")


def tcn_block(answer, *, rng=None, cases: int = 10) -> None:
    """Conv-TasNet's dilated block: length, parameter count, and values with loaded weights. (exercise 19.4)"""
    check_tcn_block(subject(answer), visible_rng(rng), cases)
    passed("tcn_block", f"{cases} sizes: lengths, parameter counts, residual and skip with random weights, gradients")


def deep_clustering_loss(answer, *, rng=None, cases: int = 15) -> None:
    """The weighted affinity loss in its low-rank form. (exercise 19.5)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        batch, bins = [1, 3, 2][case % 3], int(rng.integers(1, 60))
        V, Y, w = oracle.embeddings(rng, batch, bins, int(rng.integers(1, 7)), int(rng.integers(2, 5)))
        if case % 3 == 0:
            w = np.ceil(w - 0.4) + (np.arange(bins) == 0)      # silent bins: 0, the others 1
        V, Y, w = (_tensor(v, DTYPES[case % 2], strided=case % 4 == 2) for v in (V, Y, w))
        expect_close(
            f.call(V, Y, w), oracle.affinity(V, Y, w), "the loss", rtol=1e-4, atol=1e-5,
            mistakes=mistakes.affinity(V, Y, w),
            context=f"for V of shape {tuple(V.shape)} and {Y.shape[-1]} sources",
        )
    V, Y, w = (torch.from_numpy(v) for v in oracle.embeddings(rng, 2, 9, 3, 2))
    _expect_gradient(f, (V, Y, w), lambda v, *_: oracle.affinity_torch(v, Y, w).sum(), "the loss", inputs=("input0",))
    _expect_low_rank(f, rng)
    passed("deep_clustering_loss", f"{cases} random embeddings with silent bins, the gradient, 300,000 bins at once")


def _expect_low_rank(f, rng: np.random.Generator) -> None:
    """300,000 bins: the affinity matrix would take 360 GB, the low-rank form takes milliseconds."""
    bins = 300_000
    V, Y, w = (torch.from_numpy(v.astype(np.float32)) for v in oracle.embeddings(rng, 1, bins, 2, 2))
    try:
        got = f.call(V, Y, w)
    except CheckFailed as error:
        raise CheckFailed(
            f"the loss of {bins:,} bins (5 minutes of a small spectrogram) failed: was an N×N matrix formed, V·Vᵀ "
            "in place of Vᵀ·V? It would take 360 GB.\n" + error.message
        ) from None
    expect_close(got, oracle.low_rank_loss(V, Y, w), "the loss of 300,000 bins", rtol=2e-3, atol=1e-4)


def mixit(answer, *, rng=None, cases: int = 15) -> None:
    """The best assignment of outputs to two mixtures, for each example by itself. (exercise 19.6)"""
    f, rng = subject(answer), visible_rng(rng)
    for case in range(cases):
        batch, outputs, samples = [2, 1, 3][case % 3], [4, 3, 2, 1][case % 4], int(rng.integers(5, 90))
        snr_max = [30.0, 10.0][case % 2]
        sources = rng.normal(size=(batch, outputs, samples)) * rng.uniform(0.3, 2, (batch, outputs, 1))
        owner = rng.integers(2, size=(batch, outputs))
        mixtures = np.stack([(sources * (owner == i)[..., None]).sum(1) for i in range(2)], 1)
        mixtures += 0.3 * rng.normal(size=mixtures.shape)
        noisy = sources + [0.02, 0.7][case // 2 % 2] * rng.normal(size=sources.shape)
        e, m = (_tensor(v, DTYPES[case // 2 % 2], strided=case % 4 == 1) for v in (noisy, mixtures))
        loss, owner = _two(_call(f, e, m, snr_max), "mixit", "(loss, assignment)")
        want, best = oracle.mixit(e, m, snr_max)
        context = f"for {batch} example(s) of {outputs} outputs and snr_max={snr_max:g} dB"
        expect_close(loss, want, "the loss", rtol=0, atol=2e-3, mistakes=mistakes.mixit(e, m, snr_max),
                     context=context)
        got = as_array(owner, "the assignment")
        _expect_index(got, "the assignment")
        expect(got.shape == best.shape, f"the assignment should have shape {best.shape} {context}, got {got.shape}: "
               "one number per output, the mixture that it belongs to.")
        expect_equal(got.astype(int), best, "the assignment", context=context, mistakes={
            "0 and 1 are swapped: assignment[b, k] is the mixture that output k is added to.": 1 - best,
        })
    e, m = (torch.from_numpy(rng.normal(size=(2, k, 20))) for k in (3, 2))
    _expect_gradient(f, (e, m), lambda a, b: oracle.mixit_torch(a, b).sum(), "the loss", output=0, inputs=("input0",))
    passed("mixit", f"{cases} batches of 1 to 4 outputs, also with all outputs in one mixture, and the gradient")


def _tensor(x: np.ndarray, dtype: torch.dtype, *, strided: bool) -> Tensor:
    """`x` as a tensor; if `strided`, every second element of a larger one, so that it is not contiguous."""
    t = torch.as_tensor(x, dtype=dtype)
    return torch.stack([t, t + 1], -1)[..., 0] if strided else t


def _expect_far_from_zero(f, rng: np.random.Generator) -> None:
    """A mean of 300 in float32: E[x²] − E[x]² has lost the variance by then."""
    x = torch.from_numpy(rng.normal(300, 1, (2, 3, 50)).astype(np.float32))
    got = as_array(f.call(x, torch.ones(3), torch.zeros(3), 1e-8))
    want = oracle.norm(x, np.ones(3), np.zeros(3), 1e-8, (1, 2))
    expect(got.shape == want.shape and np.isfinite(got).all() and np.abs(got - want).max() < 5e-3,
           "gLN(x) is inaccurate when the mean of x is far from zero: the variance as E[x²] − E[x]² is the small "
           "difference of two large numbers. Subtract the mean first, then square.")


def _expect_index(got: np.ndarray, what: str) -> None:
    expect(got.dtype.kind in "iu", f"{what} should be integers, which can index an array, got {got.dtype}.")


def _call(f, *args):
    """`f.call`; a clash of float32 and float64 is explained, since the student sees no dtype in the cell."""
    try:
        return f.call(*args)
    except CheckFailed as error:
        if not any(sign in error.message for sign in ("expected scalar type", "same dtype", "expected m1 and m2")):
            raise
        raise CheckFailed(
            "the input may be float32 or float64, and your table has another dtype: make it with .to(input).\n"
            + error.message
        ) from None


def _two(value, name: str, what: str) -> tuple:
    expect(isinstance(value, (tuple, list)) and len(value) == 2, f"`{name}` should return two tensors {what}.")
    return value


def _expect_gradient(f, args: tuple, oracle_sum, what: str, *, output: int | None = None, inputs=None,
                     cotangent=None, extra: tuple = ()) -> None:
    """The gradient that reaches the inputs equals the one that autograd finds in the oracle."""
    leaves = [a.clone().requires_grad_(True) for a in args]
    oracle_sum(*leaves).backward()
    got = f.gradients(*args, *extra, output=output, cotangent=cotangent)
    for i, leaf in enumerate(leaves):
        name = f"input{i}"
        if leaf.grad is None or (inputs and name not in inputs):
            continue
        expect(name in got, f"no gradient of {what} reaches argument {i + 1}: a loss must stay a tensor on the way "
               "(no .item(), .detach(), .numpy(), torch.tensor(...) or torch.no_grad()).")
        expect_close(got[name], leaf.grad, f"the gradient of {what} for argument {i + 1}", rtol=1e-4, atol=1e-6)

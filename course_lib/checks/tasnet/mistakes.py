"""Checks of unit 19_tasnet, second part: the values that each named mistake gives, so that a message can name it."""

import math
from itertools import permutations, product

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.tasnet import oracle


def si_snr(e: Tensor, r: Tensor, eps: float) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    want = oracle.si_snr(e, r, eps)
    one_mean = (oracle.array(e) - oracle.array(e).mean(), oracle.array(r) - oracle.array(r).mean())
    half = (oracle.centred(e), oracle.array(r))
    return {
        "the means were not removed: an offset is counted as signal or as noise.":
            oracle.si_snr(e, r, eps, centre=False),
        "only the estimate lost its mean: the reference needs the same.": oracle.si_snr(*half, eps, centre=False),
        "only the reference lost its mean: the estimate needs the same.":
            oracle.si_snr(oracle.array(e), oracle.centred(r), eps, centre=False),
        "one mean was taken over all examples: each signal has its own (dim=-1, keepdim=True).":
            oracle.si_snr(*one_mean, eps, centre=False),
        "the projection is on the estimate: the target must be a multiple of the reference.":
            oracle.projection_on_estimate(e, r, eps),
        "the factor is 20: |target|² and |noise|² are energies, so it is 10·log10.": 2 * want,
        "it is the natural logarithm: decibels need log10.": want * math.log(10),
        "the sign is flipped: SI-SNR is high when the estimate is good (the loss is minus it).": -want,
        "the noise is estimate − reference: it must be estimate − target, else the value depends on the gain.":
            oracle.noise_against_reference(e, r, eps),
        "the energies of target and *estimate* are compared: the denominator is the noise, estimate − target.":
            oracle.against_estimate(e, r, eps),
        "the projection was divided by |r| and not by |r|².": oracle.divided_by_norm(e, r, eps),
        "it is the plain SNR, which changes with the gain: compare the energies of target and e, not of s and ŝ − s.":
            oracle.plain_snr(e, r, eps),
        "one dot product was taken for the whole batch: each pair of signals has its own (sum over dim=-1).":
            oracle.one_dot_product(e, r, eps),
        "eps is not the argument but a fixed 1e-8: use `eps`.": oracle.si_snr_with(e, r, 1e-8, 1e-8, 1e-8),
        "eps is missing in the projection: divide by |s|² + eps.": oracle.si_snr_with(e, r, 0, eps, eps),
        "eps is missing on |target|².": oracle.si_snr_with(e, r, eps, 0, eps),
        "eps is missing on the energy of the noise.": oracle.si_snr_with(e, r, eps, eps, 0),
        "eps is in the projection only: |target|² and |e|² need it too.": oracle.si_snr_with(e, r, eps, 0, 0),
        "eps is missing in all three places.": oracle.si_snr_with(e, r, 0, 0, 0),
        "eps is missing in two places: the projection needs it too, and both energies.":
            oracle.si_snr_with(e, r, 0, 0, eps),
        "|e|² was computed as |ŝ|² − |target|²: with eps the angle is not exactly right, so subtract the signals.":
            oracle.right_angle(e, r, eps),
        "the energies were averaged over the samples before eps was added: the card sums them.":
            oracle.si_snr_of_means(e, r, eps),
    } | ({
        "the examples of a batch were averaged: one value per example is asked for.": np.float64(want.mean()),
    } if want.ndim else {})


def pit(pairs: Tensor) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    p = oracle.array(pairs)
    sources = p.shape[-1]
    table = np.array([[p[:, s[j], j] for j in range(sources)] for s in permutations(range(sources))]).mean(1)  # (S!, b)
    return {
        "each source took its best output, so that one output may serve twice: only permutations are allowed.":
            p.min(1).mean(-1),
        "each output took its best source, so that one source may be used twice: only permutations are allowed.":
            p.min(2).mean(-1),
        "it is the worst permutation, or the one of smallest magnitude: these are losses and may be negative, take the "
        "minimum.": table.max(0),
        "one permutation was chosen for the whole batch: each example has its own.": table[table.mean(1).argmin()],
        "the losses of the sources were summed: the card asks for their mean.": table.min(0) * sources,
        "the outputs were taken in the order they came: no permutation was tried.":
            np.trace(p, axis1=1, axis2=2) / sources,
        "it is the mean over the permutations: take the smallest.": table.mean(0),
        "the batch was averaged: one loss per example is asked for.": np.float64(table.min(0).mean()),
        "only the cyclic shifts were tried: three sources have six permutations.":
            np.min([np.mean([p[:, (j + k) % sources, j] for j in range(sources)], 0) for k in range(sources)], 0),
        "all entries of the matrix were added up, not those of one permutation.": p.mean((1, 2)),
    }


def norm(x: Tensor, gain: Tensor, offset: Tensor, eps: float) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    ones, zeros = torch.ones_like(gain), torch.zeros_like(offset)
    bare = oracle.norm(x, ones, zeros, eps, (1, 2))
    g, o = (oracle.array(v)[:, None] for v in (gain, offset))
    centred = oracle.array(x) - oracle.array(x).mean((1, 2), keepdims=True)
    std = centred.std((1, 2), keepdims=True)
    mistakes = {
        "each channel was normalised by itself (over time only): the statistics cover channels and time.":
            oracle.norm(x, gain, offset, eps, (2,)),
        "each frame was normalised by itself (over channels only, cLN): the statistics cover channels and time.":
            oracle.norm(x, gain, offset, eps, (1,)),
        "the statistics run over the batch too: each example has its own.":
            oracle.norm(x, gain, offset, eps, (0, 1, 2)),
        "it is batch normalisation: the statistics run over batch and time.": oracle.norm(x, gain, offset, eps, (0, 2)),
        "gain and offset are missing.": bare,
        "the gain is missing.": bare + o,
        "the offset is missing.": bare * g,
        "offset was added before the gain was multiplied.": (bare + o) * g,
        "the mean was not subtracted.": oracle.array(x) / np.sqrt(std**2 + eps) * g + o,
        "the root is missing: divide by sqrt(variance + eps).": centred / (std**2 + eps) * g + o,
        "eps was added outside of the root: sqrt(variance + eps).": centred / (std + eps) * g + o,
        "eps is missing.": lambda: centred / np.maximum(std, 1e-30) * g + o,
    }
    if x[0].numel() > 1:
        unbiased = centred.std((1, 2), ddof=1, keepdims=True)
        mistakes["the variance is divided by n − 1 (torch's default): use correction=0."] = (
            centred / np.sqrt(unbiased**2 + eps) * g + o)
    if x.shape[1] == x.shape[2]:
        mistakes["gain and offset run along time: they belong to the channels, gain[:, None]."] = bare * g.T + o.T
    return mistakes


def affinity(V: Tensor, Y: Tensor, w: Tensor) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    v, y, m = (oracle.array(x) for x in (V, Y, w))
    rv, ry = np.sqrt(m)[..., None] * v, np.sqrt(m)[..., None] * y
    vv, vy, yy = (np.square(np.swapaxes(a, 1, 2) @ b).sum((1, 2)) for a, b in ((rv, rv), (rv, ry), (ry, ry)))
    pairs = m.sum(1) ** 2
    ones = np.ones_like(m)
    return {
        "the cross term counts twice: −2·|VᵀY|².": (vv - vy + yy) / pairs,
        "the cross term has the wrong sign: it is subtracted.": (vv + 2 * vy + yy) / pairs,
        "the term |YᵀY|² is missing.": (vv - 2 * vy) / pairs,
        "the term |VᵀV|² is missing.": (yy - 2 * vy) / pairs,
        "the Frobenius norms are not squared.": (np.sqrt(vv) - 2 * np.sqrt(vy) + np.sqrt(yy)) / pairs,
        "it is the root of the loss: the norm is squared.": np.sqrt(np.maximum(vv - 2 * vy + yy, 0) / pairs),
        "it was not divided by (Σw)².": vv - 2 * vy + yy,
        "it was divided by Σw: the pairs number (Σw)².": (vv - 2 * vy + yy) / m.sum(1),
        "it was divided by N², silent bins included: divide by (Σw)².": (vv - 2 * vy + yy) / m.shape[1] ** 2,
        "the weights were ignored: silent bins count as the others.": oracle.affinity(v, y, ones),
        "rows were multiplied by w: the pair (n, m) counts w_n·w_m, so each row gets sqrt(w).":
            oracle.affinity(v, y, m * m) * (m * m).sum(1) ** 2 / pairs,
        "the weights reach the embedding only: the partition needs them too.":
            oracle.low_rank(rv, y) / pairs,
        "the examples of a batch were averaged: one value per example is asked for.":
            np.float64(((vv - 2 * vy + yy) / pairs).mean()),
    }


def mixit(e: Tensor, m: Tensor, snr_max: float) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    outputs = e.shape[1]
    table = oracle.mixit_table(e, m, snr_max)                    # (2^M, batch, 2)
    owners = list(product(range(2), repeat=outputs))
    mean, hard, sum_of = table.mean(-1), oracle.mixit_table(e, m, math.inf), table.sum(-1)
    per_batch = mean[mean.mean(1).argmin()]
    mistakes = {
        "each mixture took its best outputs by itself, so that an output may serve both or none: every output belongs "
        "to exactly one mixture.": table.min(0).mean(-1),
        "it is the worst assignment: take the minimum.": mean.max(0),
        "one assignment was chosen for the whole batch: each example has its own.": per_batch,
        "the losses of the two mixtures were summed: the card asks for their mean.": sum_of.min(0),
        "the threshold is missing: add τ·|x|² inside the logarithm, τ = 10^(−snr_max/10).": hard.mean(-1).min(0),
        "the sign is flipped: the loss is minus the signal-to-noise ratio.": (-mean).max(0),
        "the loss is scale-invariant: in MixIT the sum of the outputs must have the level of the mixture.":
            oracle.mixit_scale_invariant(e, m),
        "τ = 10^(−snr_max/20): the energies need 10^(−snr_max/10).":
            oracle.mixit_table(e, m, snr_max / 2).mean(-1).min(0),
        "the batch was averaged: one loss per example is asked for.": np.float64(mean.min(0).mean()),
        "the factor is 20: these are energies, 10·log10.": 2 * mean.min(0),
    }
    some = [i for i, o in enumerate(owners) if 0 < sum(o) < outputs]
    even = [i for i, o in enumerate(owners) if 2 * sum(o) == outputs]
    if even and outputs > 2:
        mistakes["only assignments with as many outputs in one mixture as in the other were tried: all 2^M count."] = (
            mean[even].min(0))
    if some:
        mistakes["assignments that give one mixture no output were left out: all 2^M count."] = mean[some].min(0)
    return mistakes

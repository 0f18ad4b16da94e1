"""Slow and plain references for the checks of unit 19_tasnet: numpy in float64, loops where loops are clearer.

Written from the definitions and not from the answers: SI-SNR from the component along the reference, PIT and MixIT by
trying everything, the affinity loss with its N×N matrices. The `_torch` ones serve for gradients.
"""

import math
from itertools import permutations, product

import numpy as np
import torch
from torch import Tensor

EPS = 1e-8


def array(x) -> np.ndarray:
    """As float64 numpy."""
    return x.detach().double().numpy() if isinstance(x, Tensor) else np.asarray(x, np.float64)


def centred(x) -> np.ndarray:
    """Without the mean of each signal."""
    return array(x) - array(x).mean(-1, keepdims=True)


def _energy(x: np.ndarray) -> np.ndarray:
    return np.square(x).sum(-1)


def _split(e, r, eps: float, centre: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(estimate, reference, target)."""
    e, r = (centred(e), centred(r)) if centre else (array(e), array(r))
    return e, r, ((e * r).sum(-1) / (_energy(r) + eps))[..., None] * r


def _ratio(signal: np.ndarray, noise: np.ndarray, eps: float) -> np.ndarray:
    return 10 * np.log10((_energy(signal) + eps) / (_energy(noise) + eps))


def si_snr(e, r, eps: float = EPS, *, centre: bool = True) -> np.ndarray:
    """The right value; `centre=False` forgets the means."""
    e, _, target = _split(e, r, eps, centre)
    return _ratio(target, e - target, eps)


def si_snr_with(e, r, projection: float, signal: float, noise: float) -> np.ndarray:
    """With an eps of its own in each of the three places, so that a forgotten one can be named."""
    e, r, target = _split(e, r, projection)
    return 10 * np.log10((_energy(target) + signal) / np.maximum(_energy(e - target) + noise, 1e-300))


def plain_snr(e, r, eps: float) -> np.ndarray:
    """Not scale-invariant: |r|² against |e - r|²."""
    e, r = centred(e), centred(r)
    return _ratio(r, e - r, eps)


def right_angle(e, r, eps: float) -> np.ndarray:
    """The noise energy as |e|² - |target|²."""
    e, _, target = _split(e, r, eps)
    return 10 * np.log10((_energy(target) + eps) / np.maximum(_energy(e) - _energy(target) + eps, 1e-300))


def one_dot_product(e, r, eps: float) -> np.ndarray:
    """One projection for the whole batch."""
    e, r = centred(e), centred(r)
    target = (e * r).sum() / (np.square(r).sum() + eps) * r
    return _ratio(target, e - target, eps)


def projection_on_estimate(e, r, eps: float) -> np.ndarray:
    """The reference projected on the estimate: the roles are swapped."""
    e, r, target = _split(r, e, eps)
    return _ratio(target, e - target, eps)


def noise_against_reference(e, r, eps: float) -> np.ndarray:
    """Noise = estimate - reference."""
    e, r, target = _split(e, r, eps)
    return _ratio(target, e - r, eps)


def against_estimate(e, r, eps: float) -> np.ndarray:
    """Energy of the target over that of the estimate."""
    e, _, target = _split(e, r, eps)
    return _ratio(target, e, eps)


def divided_by_norm(e, r, eps: float) -> np.ndarray:
    """Projection with |r| where |r|² belongs."""
    e, r = centred(e), centred(r)
    target = ((e * r).sum(-1) / (np.sqrt(_energy(r)) + eps))[..., None] * r
    return _ratio(target, e - target, eps)


def si_snr_of_means(e, r, eps: float) -> np.ndarray:
    """Mean squares in place of sums, so that eps weighs more."""
    e, r = centred(e), centred(r)
    target = ((e * r).mean(-1) / (np.square(r).mean(-1) + eps))[..., None] * r
    return 10 * np.log10((np.square(target).mean(-1) + eps) / (np.square(e - target).mean(-1) + eps))


def si_snr_torch(e: Tensor, r: Tensor) -> Tensor:
    """From the angle between the signals: |target|²/|noise|² = cos²/(1 - cos²)."""
    e, r = e - e.mean(-1, keepdim=True), r - r.mean(-1, keepdim=True)
    cos2 = (e * r).sum(-1) ** 2 / (e.square().sum(-1) * r.square().sum(-1))
    return 10 * torch.log10(cos2 / (1 - cos2))


def pit(pairs) -> tuple[np.ndarray, np.ndarray]:
    """(loss, permutation) by trying every permutation of every example."""
    losses, orders = [], []
    for p in array(pairs):
        sources = len(p)
        costs = [(np.mean([p[s[j], j] for j in range(sources)]), s) for s in permutations(range(sources))]
        best = min(costs)
        losses.append(best[0])
        orders.append(best[1])
    return np.array(losses), np.array(orders)


def pit_torch(pairs: Tensor) -> Tensor:
    """The loss only, differentiable."""
    sources = pairs.shape[-1]
    every = [sum(pairs[:, s[j], j] for j in range(sources)) / sources for s in permutations(range(sources))]
    return torch.stack(every).amin(0)


def norm(x, gain, offset, eps: float, axes: tuple[int, ...]) -> np.ndarray:
    """Normalisation over `axes` of (batch, channels, frames)."""
    x = array(x)
    centre = x - x.mean(axes, keepdims=True)
    scale = np.sqrt(np.square(centre).mean(axes, keepdims=True) + eps)
    return centre / scale * array(gain)[:, None] + array(offset)[:, None]


def norm_torch(x: Tensor, gain: Tensor, offset: Tensor, eps: float) -> Tensor:
    """torch's group normalisation with one group."""
    return torch.nn.functional.group_norm(x, 1, gain, offset, eps)


def embeddings(rng: np.random.Generator, batch: int, bins: int, size: int, sources: int) -> tuple[np.ndarray, ...]:
    """Random V (unit length), one-hot Y, and weights between 0 and 1."""
    V = rng.normal(size=(batch, bins, size)) + 0.5
    V /= np.linalg.norm(V, axis=-1, keepdims=True)
    return V, np.eye(sources)[rng.integers(sources, size=(batch, bins))], rng.uniform(0, 1, (batch, bins))


def affinity(V, Y, w) -> np.ndarray:
    """Σ w_n w_m (VVᵀ - YYᵀ)²_nm / (Σ w)², with the N×N matrices."""
    V, Y, w = array(V), array(Y), array(w)
    difference = V @ np.swapaxes(V, 1, 2) - Y @ np.swapaxes(Y, 1, 2)
    return (w[:, :, None] * w[:, None, :] * difference**2).sum((1, 2)) / w.sum(1) ** 2


def affinity_torch(V: Tensor, Y: Tensor, w: Tensor) -> Tensor:
    """The same, differentiable."""
    difference = V @ V.mT - Y @ Y.mT
    return (w[:, :, None] * w[:, None, :] * difference.square()).sum((1, 2)) / w.sum(1) ** 2


def low_rank(V: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Unweighted, not normalised: |VᵀV|² - 2|VᵀY|² + |YᵀY|²."""
    products = [np.swapaxes(a, 1, 2) @ b for a, b in ((V, V), (V, Y), (Y, Y))]
    vv, vy, yy = (np.square(p).sum((1, 2)) for p in products)
    return vv - 2 * vy + yy


def low_rank_loss(V, Y, w) -> np.ndarray:
    """The right value for sizes where `affinity` does not fit in memory; equal to it in the tests."""
    V, Y, w = array(V), array(Y), array(w)
    root = np.sqrt(w)[..., None]
    return low_rank(root * V, root * Y) / w.sum(1) ** 2


def mixit_table(e, m, snr_max: float) -> np.ndarray:
    """Loss of every assignment for every mixture: (2^M, batch, mixtures)."""
    e, m = array(e), array(m)
    tau = 0.0 if math.isinf(snr_max) else 10 ** (-snr_max / 10)
    rows = []
    for owner in product(range(m.shape[1]), repeat=e.shape[1]):
        row = []
        for i in range(m.shape[1]):
            made = sum((e[:, k] for k in range(e.shape[1]) if owner[k] == i), np.zeros_like(m[:, i]))
            row.append(10 * np.log10((_energy(m[:, i] - made) + tau * _energy(m[:, i])) / _energy(m[:, i])))
        rows.append(row)
    return np.array(rows).transpose(0, 2, 1)


def mixit(e, m, snr_max: float) -> tuple[np.ndarray, np.ndarray]:
    """(loss, assignment) by trying every assignment of every example."""
    table = mixit_table(e, m, snr_max).mean(-1)
    owners = np.array(list(product(range(array(m).shape[1]), repeat=array(e).shape[1])))
    return table.min(0), owners[table.argmin(0)]


def mixit_scale_invariant(e, m) -> np.ndarray:
    """The mistake of taking minus SI-SNR."""
    e, m = array(e), array(m)
    losses = []
    for owner in product(range(2), repeat=e.shape[1]):
        made = [sum((e[:, k] for k in range(e.shape[1]) if owner[k] == i), np.zeros_like(m[:, 0])) for i in range(2)]
        losses.append(np.mean([-si_snr(made[i], m[:, i]) for i in range(2)], 0))
    return np.min(losses, 0)


def mixit_torch(e: Tensor, m: Tensor, snr_max: float = 30.0) -> Tensor:
    """The loss only, differentiable."""
    tau, every = 10 ** (-snr_max / 10), []
    for owner in product(range(2), repeat=e.shape[1]):
        total = 0.0
        for i in range(2):
            made = sum((e[:, k] for k in range(e.shape[1]) if owner[k] == i), torch.zeros_like(m[:, i]))
            power = m[:, i].square().sum(-1)
            total = total + 10 * torch.log10(((m[:, i] - made).square().sum(-1) + tau * power) / power)
        every.append(total / 2)
    return torch.stack(every).amin(0)

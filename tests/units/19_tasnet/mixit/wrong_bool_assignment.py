"""The assignment as booleans.

Expect: integers
"""

import itertools

import torch


def mixit(estimates, mixtures, snr_max=30.0):
    table = torch.tensor(list(itertools.product((0, 1), repeat=estimates.shape[1])))
    heaps = torch.stack([1 - table, table], 1).to(estimates)
    sums = torch.einsum("aio,bot->bait", heaps, estimates)
    energy = mixtures.square().sum(-1)[:, None]
    error = (mixtures[:, None] - sums).square().sum(-1)
    values = 10 * torch.log10(error / energy + 10 ** (-snr_max / 10))
    loss, best = values.mean(-1).min(-1)
    return loss, table[best].bool()

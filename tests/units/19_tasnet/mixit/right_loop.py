"""Loops over examples and assignments, bits of a counter."""

import itertools

import torch


def mixit(estimates, mixtures, snr_max=30.0):
    tau, losses, owners = 10 ** (-snr_max / 10), [], []
    for e, m in zip(estimates, mixtures):
        best = None
        for code in range(2 ** len(e)):
            owner = [code >> k & 1 for k in range(len(e))]
            value = 0.0
            for i in (0, 1):
                made = sum((e[k] for k in range(len(e)) if owner[k] == i), torch.zeros_like(m[0]))
                power = (m[i] ** 2).sum()
                value = value + 5 * torch.log10((((m[i] - made) ** 2).sum() + tau * power) / power)
            if best is None or value < best[0]:
                best = value, owner
        losses.append(best[0])
        owners.append(best[1])
    return torch.stack(losses), torch.tensor(owners)

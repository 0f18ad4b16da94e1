"""A table of zeros and ones from bit shifts, matrix product, logs of each term."""

import itertools

import torch


def mixit(estimates, mixtures, snr_max=30.0):
    count = estimates.shape[1]
    codes = torch.arange(2 ** count)
    owner = codes[:, None] >> torch.arange(count) & 1
    second = owner.to(estimates.dtype) @ estimates
    first = estimates.sum(1, keepdim=True) - second
    total = 0
    for mixture, made in ((mixtures[:, :1], first), (mixtures[:, 1:], second)):
        power = torch.linalg.vecdot(mixture, mixture)
        rest = torch.linalg.vecdot(mixture - made, mixture - made) + power * 10 ** (-snr_max / 10)
        total = total + 10 * (rest.log10() - power.log10())
    total = total / 2
    pick = total.argmin(1)
    return total.gather(1, pick[:, None]).squeeze(1), owner[pick].tolist()

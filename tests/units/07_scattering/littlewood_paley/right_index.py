"""the mirror image by an index"""

import torch


def littlewood_paley(wavelets, low_pass):
    n = wavelets.shape[-1]
    energy = (wavelets * wavelets.conj()).real.sum(0)
    return low_pass**2 + (energy + energy[-torch.arange(n) % n]) / 2

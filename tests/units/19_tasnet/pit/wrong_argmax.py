"""The worst permutation.

Expect: worst permutation
"""

import itertools

import torch


def pit(pairs):
    sources = pairs.shape[-1]
    table = torch.tensor(list(itertools.permutations(range(sources))))
    loss, best = pairs[:, table, torch.arange(sources)].mean(-1).max(-1)
    return loss, table[best]

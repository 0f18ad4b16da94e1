"""One permutation for the whole batch.

Expect: whole batch
"""

import itertools

import torch


def pit(pairs):
    sources = pairs.shape[-1]
    table = torch.tensor(list(itertools.permutations(range(sources))))
    by = pairs[:, table, torch.arange(sources)].mean(-1)
    best = by.mean(0).argmin()
    return by[:, best], table[best].expand(len(pairs), -1)

"""Only the order as it is and its reverse.

Expect: the loss is wrong
"""

import itertools

import torch


def pit(pairs):
    sources = pairs.shape[-1]
    table = torch.tensor([list(range(sources)), list(range(sources))[::-1]])
    loss, best = pairs[:, table, torch.arange(sources)].mean(-1).min(-1)
    return loss, table[best]

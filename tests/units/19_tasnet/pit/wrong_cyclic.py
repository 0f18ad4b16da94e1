"""Only cyclic shifts.

Expect: cyclic
"""

import itertools

import torch


def pit(pairs):
    sources = pairs.shape[-1]
    table = torch.tensor([[(j + k) % sources for j in range(sources)] for k in range(sources)])
    loss, best = pairs[:, table, torch.arange(sources)].mean(-1).min(-1)
    return loss, table[best]

"""Permutation matrices in float32, whatever the input.

Expect: .to(input)
"""

import itertools

import torch


def pit(pairs):
    size = pairs.shape[-1]
    orders = torch.tensor(list(itertools.permutations(range(size))))
    matrices = torch.eye(size)[orders]
    losses = torch.einsum("bij,pji->bp", pairs, matrices) / size
    return losses.amin(1), orders[losses.argmin(1)]

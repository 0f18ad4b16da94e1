"""The loss is made of Python numbers.

Expect: carries no gradient
"""

import itertools

import torch


def pit(pairs):
    sources = pairs.shape[-1]
    table = torch.tensor(list(itertools.permutations(range(sources))))
    losses, orders = [], []
    for p in pairs.tolist():
        cost, order = min((sum(p[s[j]][j] for j in range(sources)) / sources, s) for s in itertools.permutations(range(sources)))
        losses.append(cost)
        orders.append(order)
    return torch.tensor(losses), torch.tensor(orders)

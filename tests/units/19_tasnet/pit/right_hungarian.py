"""The Hungarian algorithm finds the order, a gather takes the losses."""

import itertools

import torch


def pit(pairs):
    from scipy.optimize import linear_sum_assignment

    orders = []
    for p in pairs.detach().numpy():
        outputs, sources = linear_sum_assignment(p)
        order = [0] * len(p)
        for i, j in zip(outputs, sources):
            order[j] = int(i)
        orders.append(order)
    order = torch.tensor(orders)
    return pairs.gather(1, order[:, None]).mean((1, 2)), order

"""Divided by the mean

Expect: divided by the mean
"""

import torch


def overlap_ripple(window, hop):
    total = torch.zeros(hop, dtype=window.dtype)
    for n, value in enumerate(window):
        total[n % hop] += value
    return float((total.max() - total.min()) / total.mean())

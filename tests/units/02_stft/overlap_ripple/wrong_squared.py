"""Squared window

Expect: the window was squared
"""

import torch


def overlap_ripple(window, hop):
    total = torch.zeros(hop, dtype=window.dtype)
    for n, value in enumerate(window):
        total[n % hop] += value**2
    return float((total.max() - total.min()) / total.max())

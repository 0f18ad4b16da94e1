"""Minimum over maximum

Expect: it is min/max
"""

import torch


def overlap_ripple(window, hop):
    total = torch.zeros(hop, dtype=window.dtype)
    for n, value in enumerate(window):
        total[n % hop] += value
    return float(total.min() / total.max())

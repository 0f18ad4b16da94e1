"""Not divided by the maximum

Expect: not yet divided by the maximum
"""

import torch


def overlap_ripple(window, hop):
    total = torch.zeros(hop, dtype=window.dtype)
    for n, value in enumerate(window):
        total[n % hop] += value
    return float(total.max() - total.min())

"""hop = length taken as a gap

Expect: taken as a gap
"""

import torch


def overlap_ripple(window, hop):
    if hop >= len(window):
        return 1.0
    total = torch.zeros(hop, dtype=window.dtype)
    total.index_add_(0, torch.arange(len(window)) % hop, window)
    return float((total.max() - total.min()) / total.max())

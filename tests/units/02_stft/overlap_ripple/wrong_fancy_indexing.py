"""`+=` with repeated indices

Expect: counted once
"""

import torch


def overlap_ripple(window, hop):
    total = torch.zeros(hop, dtype=window.dtype)
    total[torch.arange(len(window)) % hop] += window
    return float((total.max() - total.min()) / total.max())

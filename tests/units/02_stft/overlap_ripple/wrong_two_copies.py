"""Only two neighbouring copies

Expect: every copy that touches the hop counts
"""

import torch


def overlap_ripple(window, hop):
    padded = torch.cat([window, window.new_zeros(max(0, 2 * hop - len(window)))])
    total = padded[:hop] + padded[hop : 2 * hop]
    return float((total.max() - total.min()) / total.max())

"""The two ends counted

Expect: the ends were counted
"""

import torch


def overlap_ripple(window, hop):
    copies = 4 * (len(window) // hop) + 8
    total = torch.zeros(len(window) + hop * (copies - 1), dtype=window.dtype)
    for m in range(copies):
        total[m * hop : m * hop + len(window)] += window
    return float((total.max() - total.min()) / total.max())

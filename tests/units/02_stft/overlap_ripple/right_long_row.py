"""The middle of a long row of copies"""

import torch


def overlap_ripple(window, hop):
    n = len(window)
    copies = 2 * (n // hop) + 5
    total = torch.zeros(hop * copies + n)
    for m in range(copies):
        total[m * hop : m * hop + n] += window
    middle = total[(copies // 2) * hop : (copies // 2 + 1) * hop]
    return (middle.max() - middle.min()) / middle.max()

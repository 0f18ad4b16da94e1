"""Minima too

Expect: minima are among them
"""

import torch


def peaks(amplitude, sr, floor_db=-80.0):
    level = 20 * torch.log10(amplitude.clamp(min=1e-12))
    left, middle, right = level[:-2], level[1:-1], level[2:]
    (k,) = torch.nonzero((middle - left) * (right - middle) <= 0, as_tuple=True)
    left, middle, right = left[k], middle[k], right[k]
    offset = 0.5 * (left - right) / (left - 2 * middle + right)
    height = middle - 0.25 * (left - right) * offset
    keep = height > floor_db
    spacing = sr / 2 / (len(amplitude) - 1)
    return (k + 1 + offset)[keep] * spacing, 10 ** (height[keep] / 20)

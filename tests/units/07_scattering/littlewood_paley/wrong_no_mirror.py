"""Without the mirror image

Expect: the mirror image is missing
"""

import torch


def littlewood_paley(wavelets, low_pass):
    power = wavelets.abs().square().sum(0)
    return low_pass.square() + power

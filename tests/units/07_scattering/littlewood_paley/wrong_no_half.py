"""Both sides counted whole

Expect: the 1/2 is missing
"""

import torch


def littlewood_paley(wavelets, low_pass):
    power = wavelets.abs().square().sum(0)
    return low_pass.square() + power + power.flip(0).roll(1)

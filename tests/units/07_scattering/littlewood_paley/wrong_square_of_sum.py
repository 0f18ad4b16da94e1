"""The square of the sum

Expect: the sum was squared
"""

import torch


def littlewood_paley(wavelets, low_pass):
    power = wavelets.sum(0).abs().square()
    return low_pass.square() + 0.5 * (power + power.flip(0).roll(1))

"""The low-pass forgotten

Expect: the low-pass is missing
"""

import torch


def littlewood_paley(wavelets, low_pass):
    power = wavelets.abs().square().sum(0)
    return 0.5 * (power + power.flip(0).roll(1))

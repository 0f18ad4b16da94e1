"""Magnitudes in place of energies

Expect: the filters are not squared
"""

import torch


def littlewood_paley(wavelets, low_pass):
    power = wavelets.abs().sum(0)
    return low_pass.square() + 0.5 * (power + power.flip(0).roll(1))

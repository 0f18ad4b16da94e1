"""The root taken

Expect: the root was taken
"""

import torch


def littlewood_paley(wavelets, low_pass):
    power = wavelets.abs().square().sum(0)
    return (low_pass.square() + 0.5 * (power + power.flip(0).roll(1))).sqrt()

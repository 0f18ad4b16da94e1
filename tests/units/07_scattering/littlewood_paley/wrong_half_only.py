"""Half of the positive side only

Expect: only the positive half is counted
"""

import torch


def littlewood_paley(wavelets, low_pass):
    power = wavelets.abs().square().sum(0)
    return low_pass.square() + power / 2

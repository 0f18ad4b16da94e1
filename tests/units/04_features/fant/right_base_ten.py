"""any base will do, if it is divided by the logarithm of 2"""

import torch


def fant(value, inverse=False):
    if inverse:
        return 1000 * torch.pow(2.0, value.double() / 1000) - 1000
    return 1000 * torch.log10(1 + value.double() / 1000) / torch.log10(torch.tensor(2.0, dtype=torch.float64))

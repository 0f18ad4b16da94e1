"""Gains in dB

Expect: these are gains in dB
"""

import torch


def lpc(x, order):
    samples = x.shape[-1]
    x = x.clone()
    r = [(x[..., : max(samples - k, 0)] * x[..., k:]).sum(-1) for k in range(order + 1)]
    a, errors = [], [r[0]]
    for m in range(1, order + 1):
        unexplained = r[m] + sum(a[i] * r[m - 1 - i] for i in range(m - 1))
        k = torch.nan_to_num(-unexplained / errors[-1])
        a = [a[i] + k * a[m - 2 - i] for i in range(m - 1)] + [k]
        errors.append((1 - k * k) * errors[-1])
    return torch.stack(a, -1), torch.nan_to_num(10 * torch.log10(r[0][..., None] / torch.stack(errors, -1)))

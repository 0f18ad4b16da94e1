"""A slice with a negative end on a short frame

Expect: lags beyond it are 0
"""

import torch


def lpc(x, order):
    samples = x.shape[-1]
    x = x.clone()
    r = [(x[..., : samples - k] * x[..., k:]).sum(-1) for k in range(order + 1)]
    a, errors = [], [r[0]]
    for m in range(1, order + 1):
        unexplained = r[m] + sum(a[i] * r[m - 1 - i] for i in range(m - 1))
        k = torch.nan_to_num(-unexplained / errors[-1])
        a = [a[i] + k * a[m - 2 - i] for i in range(m - 1)] + [k]
        errors.append((1 - k * k) * errors[-1])
    return torch.stack(a, -1), torch.stack(errors, -1)

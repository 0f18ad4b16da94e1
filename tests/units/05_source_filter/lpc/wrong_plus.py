"""Error times 1 + k²

Expect: 1 − k²
"""

import torch


def lpc(x, order):
    samples = x.shape[-1]
    r = [(x[..., : max(samples - k, 0)] * x[..., k:]).sum(-1) for k in range(order + 1)]
    a, error, shown = [], r[0], [r[0]]
    for m in range(1, order + 1):
        unexplained = r[m] + sum(a[i] * r[m - 1 - i] for i in range(m - 1))
        k = torch.nan_to_num(-unexplained / error)
        a = [a[i] + k * a[m - 2 - i] for i in range(m - 1)] + [k]
        error = (1 - k * k) * error
        shown.append((1 + k * k) * shown[-1])
    return torch.stack(a, -1), torch.stack(shown, -1)

"""1e-6 added to the energy

Expect: an epsilon was added
"""

import torch


def lpc(x, order):
    T = x.shape[-1]
    r = torch.stack([(x[..., : T - k] * x[..., k:]).sum(-1) if k < T else torch.zeros_like(x[..., 0]) for k in range(order + 1)], -1)
    E = r[..., 0]
    errs = [E]
    a = []
    for m in range(1, order + 1):
        acc = r[..., m]
        for i in range(1, m):
            acc = acc + a[i - 1] * r[..., m - i]
        k = -acc / (E + 1e-6)
        a = [a[i] + k * a[m - 2 - i] for i in range(m - 1)] + [k]
        E = E * (1 - k * k)
        errs.append(E)
    A = torch.stack(a, -1)
    return A, torch.stack(errs, -1)

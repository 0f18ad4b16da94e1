"""einsum, and the noise energy from the definition."""

import torch


def si_snr(estimate, reference, eps=1e-8):
    e = estimate - estimate.mean(dim=-1)[..., None]
    r = reference - reference.mean(dim=-1)[..., None]
    dot = torch.einsum("...t,...t->...", e, r)
    power = torch.einsum("...t,...t->...", r, r) + eps
    s = (dot / power)[..., None] * r
    n = e - s
    return 10 * (torch.log10(torch.linalg.vecdot(s, s) + eps) - torch.log10(torch.linalg.vecdot(n, n) + eps))

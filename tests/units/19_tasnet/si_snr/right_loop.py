"""One signal after another, in float64."""

import torch


def si_snr(estimate, reference, eps=1e-8):
    if estimate.ndim > 1:
        return torch.stack([si_snr(e, r, eps) for e, r in zip(estimate, reference)])
    e, r = estimate.double(), reference.double()
    e, r = e - e.mean(), r - r.mean()
    s = torch.dot(e, r) / (torch.dot(r, r) + eps) * r
    return 10 * torch.log10((s.norm() ** 2 + eps) / ((e - s).norm() ** 2 + eps))

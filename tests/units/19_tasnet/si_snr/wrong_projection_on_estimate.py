"""The roles of estimate and reference are swapped.

Expect: projection is on the estimate
"""

import torch


def si_snr(estimate, reference, eps=1e-8):
    estimate = estimate - estimate.mean(-1, keepdim=True)
    reference = reference - reference.mean(-1, keepdim=True)
    gain = (estimate * reference).sum(-1, keepdim=True) / (estimate.square().sum(-1, keepdim=True) + eps)
    target = gain * estimate
    noise = reference - target
    return 10 * torch.log10((target.square().sum(-1) + eps) / (noise.square().sum(-1) + eps))

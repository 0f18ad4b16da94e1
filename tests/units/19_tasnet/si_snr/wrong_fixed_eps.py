"""eps is written as 1e-8.

Expect: use `eps`
"""

import torch


def si_snr(estimate, reference, eps=1e-8):
    estimate = estimate - estimate.mean(-1, keepdim=True)
    reference = reference - reference.mean(-1, keepdim=True)
    gain = (estimate * reference).sum(-1, keepdim=True) / (reference.square().sum(-1, keepdim=True) + 1e-8)
    target = gain * reference
    noise = estimate - target
    return 10 * torch.log10((target.square().sum(-1) + 1e-8) / (noise.square().sum(-1) + 1e-8))

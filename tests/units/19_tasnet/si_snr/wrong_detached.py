"""The value is computed in numpy, so nothing can be trained with it.

Expect: carries no gradient
"""

import torch


def si_snr(estimate, reference, eps=1e-8):
    estimate = estimate - estimate.mean(-1, keepdim=True)
    reference = reference - reference.mean(-1, keepdim=True)
    gain = (estimate * reference).sum(-1, keepdim=True) / (reference.square().sum(-1, keepdim=True) + eps)
    target = gain * reference
    noise = estimate - target
    value = 10 * torch.log10((target.square().sum(-1) + eps) / (noise.square().sum(-1) + eps))
    return torch.from_numpy(value.detach().numpy())

"""The noise energy by Pythagoras.

Expect: subtract the signals
"""

import torch


def si_snr(estimate, reference, eps=1e-8):
    estimate = estimate - estimate.mean(-1, keepdim=True)
    reference = reference - reference.mean(-1, keepdim=True)
    gain = (estimate * reference).sum(-1, keepdim=True) / (reference.square().sum(-1, keepdim=True) + eps)
    target = gain * reference
    rest = estimate.square().sum(-1) - target.square().sum(-1)
    return 10 * torch.log10((target.square().sum(-1) + eps) / (rest + eps))

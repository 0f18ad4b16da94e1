"""The plain SNR of the centred signals.

Expect: plain SNR
"""

import torch


def si_snr(estimate, reference, eps=1e-8):
    estimate = estimate - estimate.mean(-1, keepdim=True)
    reference = reference - reference.mean(-1, keepdim=True)
    noise = estimate - reference
    return 10 * torch.log10((reference.square().sum(-1) + eps) / (noise.square().sum(-1) + eps))

"""Eigenvalues of the companion matrix, in torch"""

import torch


def formants(a, sr, max_bandwidth=700.0):
    a = torch.as_tensor(a, dtype=torch.float64)
    companion = torch.diag(torch.ones(len(a) - 1, dtype=torch.float64), -1)
    companion[0] = -a
    z = torch.linalg.eigvals(companion)
    z = z[z.imag > 1e-6]
    frequency, bandwidth = z.angle() * sr / (2 * torch.pi), -z.abs().log() * sr / torch.pi
    keep = bandwidth <= max_bandwidth
    pairs = torch.stack([frequency[keep], bandwidth[keep]], -1)
    return pairs[pairs[:, 0].argsort()]

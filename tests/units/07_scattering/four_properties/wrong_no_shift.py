"""No shift tried

Expect: no shift was tried
"""

import torch


def four_properties(phi, shifted, warped, sizes, labels, x, y):
    stability = ((warped - phi).norm(dim=1) / (phi.norm(dim=1) * sizes)).max()
    invariance = ((shifted - phi).norm(dim=1) / phi.norm(dim=1)).mean()
    distance = torch.cdist(phi, phi).fill_diagonal_(torch.inf)
    hits = (labels[distance.argmin(1)] == labels).double().mean()
    reconstruction = (x - y).norm() / x.norm()
    return {
        "stability": float(stability), "invariance": float(invariance), "discriminability": float(hits),
        "reconstruction": float(reconstruction),
    }

"""Not relative

Expect: the norm of the representation is missing
"""

import torch


def four_properties(phi, shifted, warped, sizes, labels, x, y):
    stability = ((warped - phi).norm(dim=1) / sizes).max()
    invariance = ((shifted - phi).norm(dim=1) / phi.norm(dim=1)).mean()
    distance = torch.cdist(phi, phi).fill_diagonal_(torch.inf)
    hits = (labels[distance.argmin(1)] == labels).double().mean()
    errors = torch.stack([(x - y.roll(s)).norm() for s in range(len(x))])
    reconstruction = errors.min() / x.norm()
    return {
        "stability": float(stability), "invariance": float(invariance), "discriminability": float(hits),
        "reconstruction": float(reconstruction),
    }

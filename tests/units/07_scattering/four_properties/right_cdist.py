"""a matrix of distances and a list of errors"""

import torch


def four_properties(phi, shifted, warped, sizes, labels, x, y):
    size = phi.norm(dim=1)
    apart = torch.cdist(phi, phi)
    nearest = apart.fill_diagonal_(torch.inf).argmin(1)
    errors = [(x - y.roll(s)).norm() for s in range(len(x))]
    return {
        "stability": float(((warped - phi).norm(dim=1) / size / sizes).max()),
        "invariance": float(((shifted - phi).norm(dim=1) / size).mean()),
        "discriminability": float((labels[nearest] == labels).double().mean()),
        "reconstruction": float(min(errors) / x.norm()),
    }

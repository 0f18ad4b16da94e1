"""einsum over normalised vectors"""

import torch


def project(y, vectors):
    norm = torch.linalg.vector_norm(vectors, dim=-1)
    unit = vectors / norm[:, None]
    a = torch.einsum("...n,kn->...k", y, unit.conj())
    return [a / norm, torch.einsum("...k,kn->...n", a, unit)]

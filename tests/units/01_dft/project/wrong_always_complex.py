"""Complex for real input

Expect: real input gives real output
"""

import torch


def project(y, vectors):
    y, vectors = y.to(torch.complex128), vectors.to(torch.complex128)
    c = y @ vectors.conj().mT / vectors.abs().square().sum(-1)
    return c, c @ vectors

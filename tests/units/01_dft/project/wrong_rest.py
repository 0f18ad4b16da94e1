"""What is left

Expect: it is what is left
"""

import torch


def project(y, vectors):
    c = y @ vectors.conj().mT / vectors.abs().square().sum(-1)
    return c, y - c @ vectors

"""No conjugate

Expect: no conjugate
"""

import torch


def project(y, vectors):
    c = y @ vectors.mT / vectors.abs().square().sum(-1)
    return c, c @ vectors

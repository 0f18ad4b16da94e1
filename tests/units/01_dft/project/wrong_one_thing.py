"""Only the coefficients

Expect: two things
"""

import torch


def project(y, vectors):
    return y @ vectors.conj().mT / vectors.abs().square().sum(-1)

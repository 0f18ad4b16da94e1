"""The signal conjugated

Expect: signal was conjugated
"""

import torch


def project(y, vectors):
    c = y.conj() @ vectors.mT / vectors.abs().square().sum(-1)
    return c, c @ vectors

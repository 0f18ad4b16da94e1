"""v² in place of |v|²

Expect: v² is not |v|²
"""

import torch


def project(y, vectors):
    c = y @ vectors.conj().mT / (vectors**2).sum(-1)
    return c, c @ vectors

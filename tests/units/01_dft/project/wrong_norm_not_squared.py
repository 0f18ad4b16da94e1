"""Divided by the norm

Expect: divides by |v|²
"""

import torch


def project(y, vectors):
    c = y @ vectors.conj().mT / vectors.norm(dim=-1)
    return c, c @ vectors

"""Divided by the energy of the signal

Expect: divided by |y|²
"""

import torch


def project(y, vectors):
    c = y @ vectors.conj().mT / y.abs().square().sum(-1, keepdim=True)
    return c, c @ vectors

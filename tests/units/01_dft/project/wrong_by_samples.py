"""Divided by the number of samples

Expect: number of samples
"""

import torch


def project(y, vectors):
    c = y @ vectors.conj().mT / y.shape[-1]
    return c, c @ vectors

"""Coefficients right, sum without division

Expect: summed without the division
"""

import torch


def project(y, vectors):
    c = y @ vectors.conj().mT / vectors.abs().square().sum(-1)
    return c, (c * vectors.abs().square().sum(-1)) @ vectors

"""Conjugate in the synthesis

Expect: synthesis does not
"""

import torch


def project(y, vectors):
    c = y @ vectors.conj().mT / vectors.abs().square().sum(-1)
    return c, c @ vectors.conj()

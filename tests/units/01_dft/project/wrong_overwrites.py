"""The caller's vectors are normalised in place

Expect: an argument was overwritten
"""


def project(y, vectors):
    norms = vectors.abs().square().sum(-1).sqrt()
    vectors /= norms[:, None]
    c = y @ vectors.conj().mT
    return c / norms, c @ vectors

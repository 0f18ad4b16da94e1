"""One vector at a time, in numpy"""

import numpy as np


def project(y, vectors):
    y, V = np.asarray(y), np.asarray(vectors)
    c = np.stack([(y * v.conj()).sum(-1) / np.vdot(v, v).real for v in V], axis=-1)
    return c, sum(c[..., k, None] * v for k, v in enumerate(V))

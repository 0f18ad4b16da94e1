"""By a Toeplitz solver, once per order, in numpy"""

import numpy as np
import scipy.linalg


def lpc(x, order):
    x = np.asarray(x, np.float64)
    a, errors = np.zeros((*x.shape[:-1], order)), np.zeros((*x.shape[:-1], order + 1))
    for row in np.ndindex(x.shape[:-1]):
        padded = np.concatenate([x[row], np.zeros(order)])
        r = np.array([padded[: len(x[row])] @ padded[k : k + len(x[row])] for k in range(order + 1)])
        if r[0] == 0:
            continue
        errors[row][0] = r[0]
        for m in range(1, order + 1):
            a[row][:m] = scipy.linalg.solve_toeplitz(r[:m], -r[1 : m + 1])
            errors[row][m] = r[0] + a[row][:m] @ r[1 : m + 1]
    return a, errors

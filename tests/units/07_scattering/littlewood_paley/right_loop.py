"""bin by bin"""

import numpy as np


def littlewood_paley(wavelets, low_pass):
    n = len(low_pass)
    A = np.abs(low_pass.numpy()) ** 2
    for psi in np.abs(wavelets.numpy()) ** 2:
        A = A + 0.5 * np.array([psi[k] + psi[-k % n] for k in range(n)])
    return A

"""A loop in Python floats, rounded to float32 at the end"""

import math
import torch


def peaks(amplitude, sr, floor_db=-80.0):
    lev = [20 * math.log10(max(v, 1e-12)) for v in amplitude.tolist()]
    step = sr / 2 / (len(lev) - 1)
    fs, As = [], []
    for k in range(1, len(lev) - 1):
        if lev[k] > lev[k - 1] and lev[k] >= lev[k + 1]:
            d = 0.5 * (lev[k - 1] - lev[k + 1]) / (lev[k - 1] - 2 * lev[k] + lev[k + 1])
            top = lev[k] - 0.25 * (lev[k - 1] - lev[k + 1]) * d
            if top > floor_db:
                fs.append((k + d) * step)
                As.append(10 ** (top / 20))
    return torch.tensor(fs), torch.tensor(As)

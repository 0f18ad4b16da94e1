"""No images of the Gaussians

Expect: there are no images
"""

import torch


def morlet_bank(n, centres, widths):
    f = torch.arange(n, dtype=centres.dtype) / n
    band = torch.exp(-(((f - centres[:, None]) / widths[:, None]) ** 2) / 2)
    low = torch.exp(-((f / widths[:, None]) ** 2) / 2)
    return band - low * (band[:, :1] / low[:, :1])

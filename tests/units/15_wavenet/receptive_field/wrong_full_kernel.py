"""A kernel reaches k · d back.

Expect: not k·dilation
"""

def receptive_field(kernels, dilations):
    pairs = list(zip(kernels, dilations, strict=True))
    return 1 + sum(k * d for k, d in pairs)

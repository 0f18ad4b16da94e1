"""The present is counted twice.

Expect: counted twice
"""

def receptive_field(kernels, dilations):
    pairs = list(zip(kernels, dilations, strict=True))
    return 2 + sum((k - 1) * d for k, d in pairs)

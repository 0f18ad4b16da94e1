"""The sample itself is not counted.

Expect: 1 is missing
"""

def receptive_field(kernels, dilations):
    pairs = list(zip(kernels, dilations, strict=True))
    return sum((k - 1) * d for k, d in pairs)

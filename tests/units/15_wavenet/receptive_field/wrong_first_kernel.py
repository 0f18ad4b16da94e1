"""The first kernel for all layers.

Expect: first kernel
"""

def receptive_field(kernels, dilations):
    return 1 + sum((kernels[0] - 1) * d for d in dilations)

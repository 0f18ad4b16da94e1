"""Only the last layer.

Expect: only the last layer
"""

def receptive_field(kernels, dilations):
    return 1 + (kernels[-1] - 1) * dilations[-1]

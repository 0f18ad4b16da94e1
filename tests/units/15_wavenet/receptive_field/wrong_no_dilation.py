"""The dilations are ignored.

Expect: dilations were ignored
"""

def receptive_field(kernels, dilations):
    return 1 + sum(k - 1 for k in kernels)

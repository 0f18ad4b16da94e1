"""Every kernel is taken as 2.

Expect: taken as 2
"""

def receptive_field(kernels, dilations):
    return 1 + sum(dilations)

"""Takes the dilation for the samples left out between two taps.

Expect: d samples, not d + 1
"""


def receptive_field(kernels, dilations):
    return 1 + sum((kernel - 1) * (dilation + 1) for kernel, dilation in zip(kernels, dilations, strict=True))

"""A loop over the layers."""

def receptive_field(kernels, dilations):
    seen = 1
    for kernel, dilation in zip(kernels, dilations, strict=True):
        seen += (kernel - 1) * dilation
    return seen

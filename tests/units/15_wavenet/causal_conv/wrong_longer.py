"""The padding is dilation · kernel.

Expect: too long
"""

from torch.nn.functional import conv1d, pad


def causal_conv(x, weight, bias, dilation):
    return conv1d(pad(x, (dilation * weight.shape[-1], 0)), weight, bias, dilation=dilation)

"""The padding is dilated, the taps are not.

Expect: pass the dilation
"""

from torch.nn.functional import conv1d, pad


def causal_conv(x, weight, bias, dilation):
    return conv1d(pad(x, (dilation * (weight.shape[-1] - 1), 0)), weight, bias)[..., : x.shape[-1]]

"""The weights are detached with the input.

Expect: gradient
"""

from torch.nn.functional import conv1d, pad


def causal_conv(x, weight, bias, dilation):
    return conv1d(pad(x.detach(), (dilation * (weight.shape[-1] - 1), 0)), weight, bias, dilation=dilation)

"""The weights are detached: the values are right, and nothing is learned.

Expect: no gradient of the output reaches the weight
"""

from torch.nn.functional import conv1d, pad


def causal_conv(x, weight, bias, dilation):
    return conv1d(pad(x, (dilation * (weight.shape[-1] - 1), 0)), weight.detach(), bias, dilation=dilation)

"""Nothing is padded.

Expect: hape
"""

from torch.nn.functional import conv1d, pad


def causal_conv(x, weight, bias, dilation):
    return conv1d(x, weight, bias, dilation=dilation)

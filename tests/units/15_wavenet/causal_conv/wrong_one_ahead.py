"""One zero too few on the left, one on the right.

Expect: one sample ahead
"""

from torch.nn.functional import conv1d, pad


def causal_conv(x, weight, bias, dilation):
    reach = dilation * (weight.shape[-1] - 1)
    return conv1d(pad(x, (reach - 1, 1)), weight, bias, dilation=dilation)

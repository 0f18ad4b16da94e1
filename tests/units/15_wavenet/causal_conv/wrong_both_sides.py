"""Half of the padding on each side.

Expect: both sides
"""

from torch.nn.functional import conv1d, pad


def causal_conv(x, weight, bias, dilation):
    reach = dilation * (weight.shape[-1] - 1)
    return conv1d(pad(x, (reach // 2, reach - reach // 2)), weight, bias, dilation=dilation)

"""One shifted product per tap, no convolution."""

import torch


def causal_conv(x, weight, bias, dilation):
    kernel, samples = weight.shape[-1], x.shape[-1]
    y = bias[None, :, None].expand(len(x), -1, samples)
    for k in range(kernel):
        back = (kernel - 1 - k) * dilation
        past = torch.cat([x.new_zeros(*x.shape[:2], back), x], 2)[..., :samples]
        y = y + torch.einsum("oi,bin->bon", weight[..., k], past)
    return y

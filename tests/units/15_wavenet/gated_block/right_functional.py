"""1×1 convolutions, chunk, padding by hand."""

from torch.nn.functional import conv1d, linear, pad


def gated_block(x, world, y, weights, dilation):
    reach = dilation * (weights["conv"].shape[-1] - 1)
    a = conv1d(pad(x, (reach, 0)), weights["conv"], weights["conv_bias"], dilation=dilation)
    a = a + conv1d(y, weights["local"].unsqueeze(-1)) + linear(world, weights["global"]).unsqueeze(-1)
    filtered, gate = a.chunk(2, dim=1)
    z = filtered.tanh() * gate.sigmoid()
    return (
        x + conv1d(z, weights["residual"].unsqueeze(-1), weights["residual_bias"]),
        conv1d(z, weights["skip"].unsqueeze(-1), weights["skip_bias"]),
    )

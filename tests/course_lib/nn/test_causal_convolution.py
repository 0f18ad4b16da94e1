"""Causal convolution: values by the definition, no look-ahead, receptive field by the gradient."""

import pytest
import torch

from course_lib.nn import CausalConv1d, causal_conv1d, causal_receptive_field


@pytest.mark.parametrize(("kernel", "dilation", "samples"), [(2, 1, 9), (3, 4, 20), (2, 16, 5), (1, 3, 1)])
def test_values_by_the_definition(kernel, dilation, samples):
    torch.manual_seed(0)
    x, weight, bias = torch.randn(2, 3, samples), torch.randn(4, 3, kernel), torch.randn(4)
    want = bias[None, :, None].repeat(2, 1, samples)
    for n in range(samples):
        for k in range(kernel):
            if (at := n - (kernel - 1 - k) * dilation) >= 0:
                want[:, :, n] += x[:, :, at] @ weight[..., k].T
    torch.testing.assert_close(causal_conv1d(x, weight, bias, dilation=dilation), want)
    layer = CausalConv1d(3, 4, kernel, dilation=dilation)
    layer.load_state_dict({"weight": weight, "bias": bias})
    torch.testing.assert_close(layer(x), want)


@pytest.mark.parametrize(("kernel", "dilations"), [(2, [1, 2, 4]), (3, [1, 3]), (2, [1, 2, 1, 2]), (1, [5])])
def test_receptive_field_is_what_the_gradient_reaches(kernel, dilations):
    x = torch.zeros(1, 1, 60, requires_grad=True)
    h = x
    for d in dilations:
        h = causal_conv1d(h, torch.ones(1, 1, kernel), dilation=d)
    h[0, 0, 50].backward()
    seen = torch.nonzero(x.grad[0, 0]).flatten()
    assert int(seen.max()) == 50
    assert 51 - int(seen.min()) == causal_receptive_field(kernel, dilations)

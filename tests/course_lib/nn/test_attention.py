"""Attention: torch's own as the oracle, padding without influence, gradients, the phrase without keys."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.nn import AdditiveAttention, BilinearAttention, masked_softmax
from course_lib.nn.attention import bilinear_scores

SIZES = st.integers(1, 6)


@settings(deadline=None)
@given(batch=st.integers(1, 3), queries=SIZES, keys=SIZES, g_size=SIZES, h_size=SIZES, seed=st.integers(0, 99))
def test_bilinear_attention_is_the_scaled_dot_product_of_torch(batch, queries, keys, g_size, h_size, seed):
    torch.manual_seed(seed)
    layer = BilinearAttention(g_size, h_size).double()
    g, h = torch.randn(batch, queries, g_size).double(), torch.randn(batch, keys, h_size).double()
    mask = torch.arange(keys) < torch.randint(1, keys + 1, (batch, 1))
    context, weights = layer(g, h, mask)
    want = torch.nn.functional.scaled_dot_product_attention(
        g @ layer.weight, h, h, attn_mask=mask[:, None].expand(-1, queries, -1), scale=1.0
    )
    torch.testing.assert_close(context, want)
    torch.testing.assert_close(weights.sum(-1), torch.ones(batch, queries).double())
    assert (weights * ~mask[:, None]).eq(0).all()


def test_scores_are_those_of_loops():
    torch.manual_seed(0)
    g, h, w = torch.randn(2, 3, 4), torch.randn(2, 5, 6), torch.randn(4, 6)
    bilinear, layer = bilinear_scores(g, h, w), AdditiveAttention(4, 6, 7)
    context, weights = layer(g, h)
    w_g, bias, w_h, v = layer.from_g.weight, layer.from_g.bias, layer.from_h.weight, layer.v
    for b in range(2):
        for n in range(3):
            scores = []
            for m in range(5):
                torch.testing.assert_close(bilinear[b, n, m], g[b, n] @ w @ h[b, m])
                scores.append(v @ torch.tanh(w_g @ g[b, n] + bias + w_h @ h[b, m]))
            torch.testing.assert_close(weights[b, n], torch.stack(scores).softmax(0))
            torch.testing.assert_close(context[b, n], sum(a * k for a, k in zip(weights[b, n], h[b], strict=True)))


@pytest.mark.parametrize("layer", [BilinearAttention(4, 6), AdditiveAttention(4, 6, 5)])
def test_what_padding_holds_has_no_influence(layer):
    g, h = torch.randn(2, 3, 4), torch.randn(2, 5, 6)
    mask = torch.tensor([[True] * 5, [True] * 2 + [False] * 3])
    louder = torch.where(mask[:, :, None], h, 1e4)
    for a, b in zip(layer(g, h, mask), layer(g, louder, mask), strict=True):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("layer", [BilinearAttention(4, 6), AdditiveAttention(4, 6, 5)])
def test_a_phrase_without_keys_gives_zeros_and_finite_gradients(layer):
    g, h = torch.randn(2, 3, 4, requires_grad=True), torch.randn(2, 5, 6, requires_grad=True)
    mask = torch.tensor([[True] * 5, [False] * 5])
    context, weights = layer(g, h, mask)
    assert weights[1].eq(0).all()
    assert context[1].eq(0).all()
    context.square().sum().backward()
    for tensor in (g, h, *layer.parameters()):
        assert torch.isfinite(tensor.grad).all()
        assert tensor.grad.abs().sum() > 0


@pytest.mark.parametrize("kind", [BilinearAttention, AdditiveAttention])
def test_a_phrase_without_keys_changes_no_gradient_of_the_others(kind):
    torch.manual_seed(0)
    layer = kind(4, 6)
    g, h = torch.randn(3, 3, 4), torch.randn(3, 5, 6)
    mask = torch.tensor([[True] * 5, [False] * 5, [True, False, True, False, False]])
    found = []
    for rows in ([0, 1, 2], [0, 2]):
        layer.zero_grad()
        queries, keys = g[rows].requires_grad_(), h[rows].requires_grad_()
        with torch.autograd.detect_anomaly(check_nan=True):  # no step of the way back is NaN, not only its end
            context, weights = layer(queries, keys, mask[rows])
            (context.sum() + weights.square().sum()).backward()
        found.append([queries.grad[[0, -1]], keys.grad[[0, -1]], *(p.grad.clone() for p in layer.parameters())])
        if 1 in rows:
            assert queries.grad[1].eq(0).all()
            assert keys.grad[1].eq(0).all()
    for with_it, without in zip(*found, strict=True):
        torch.testing.assert_close(with_it, without)


def test_softmax_of_large_scores_is_finite():
    weights = masked_softmax(torch.tensor([[[1e4, -1e4, 3e4]]]), torch.tensor([[True, True, False]]))
    torch.testing.assert_close(weights, torch.tensor([[[1.0, 0.0, 0.0]]]))
    below = masked_softmax(torch.tensor([[[-3e6, -3e6, 0.0]]]), torch.tensor([[True, True, False]]))
    torch.testing.assert_close(below, torch.tensor([[[0.5, 0.5, 0.0]]]))


@pytest.mark.parametrize("sizes", [(4, 6), (64, 128)])
def test_bilinear_weights_begin_with_the_spread_of_their_sizes(sizes):
    torch.manual_seed(0)
    found = torch.stack([BilinearAttention(*sizes).weight.detach() for _ in range(200)]).std()
    assert found.item() == pytest.approx((sizes[0] * sizes[1]) ** -0.25, rel=0.05)


def test_gradients_agree_with_finite_differences():
    layer = AdditiveAttention(2, 3, 4).double()
    mask = torch.tensor([[True, True, False]])
    g = torch.randn(1, 2, 2, dtype=torch.float64, requires_grad=True)
    h = torch.randn(1, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda a, b: layer(a, b, mask)[0], (g, h))

"""Attention: each query looks at all keys, and takes home a weighted mean of them.

Conventions: `g` are the queries (batch, queries, g_size), one for each frame of a mixture or each symbol to be written;
`h` are the keys, which are the values too, (batch, keys, h_size). `mask` is (batch, keys), True where there is a key
and False where there is padding. Masked keys get a score of minus infinity *before* the softmax, so their weight is
exactly zero and the others still sum to one. A query that has no key at all gets weights and a context of zero.

Papers: Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to align and translate", ICLR 2015
(additive); Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation", EMNLP 2015
(bilinear). Derived in unit 14_attention.
"""

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn

Mask = Bool[Tensor, "batch keys"] | None


def masked_softmax(
    scores: Float[Tensor, "batch queries keys"], mask: Mask = None
) -> Float[Tensor, "batch queries keys"]:
    """Softmax over the keys that exist; zeros for a query without any.

    Args:
        scores: any finite numbers.
        mask: (batch, keys), True where there is a key.
    """
    if mask is None:
        return scores.softmax(-1)
    there = mask[:, None].expand_as(scores)
    empty = ~there.any(-1, keepdim=True)
    # An empty row keeps its scores for the softmax: a row of minus infinity would have NaN as value and as gradient.
    return scores.masked_fill(~there & ~empty, -torch.inf).softmax(-1).masked_fill(empty, 0.0)


def context(weights: Float[Tensor, "batch queries keys"], h: Float[Tensor, "batch keys h_size"]) -> Tensor:
    """c_n = sum over m of alpha_nm h_m: (batch, queries, h_size)."""
    return weights @ h


def bilinear_scores(
    g: Float[Tensor, "batch queries g_size"], h: Float[Tensor, "batch keys h_size"], w: Float[Tensor, "g_size h_size"]
) -> Float[Tensor, "batch queries keys"]:
    """s_nm = g_n' W h_m."""
    return (g @ w) @ h.transpose(1, 2)


class BilinearAttention(nn.Module):
    """Queries and keys in, context and weights out, with the matrix W learned. Unit 14_attention.

    Args:
        g_size, h_size: sizes of a query and of a key; W is (g_size, h_size).
    """

    def __init__(self, g_size: int, h_size: int):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(g_size, h_size) / (g_size * h_size) ** 0.25)

    def forward(
        self, g: Float[Tensor, "batch queries g_size"], h: Float[Tensor, "batch keys h_size"], mask: Mask = None
    ) -> tuple[Float[Tensor, "batch queries h_size"], Float[Tensor, "batch queries keys"]]:
        """(context, weights)."""
        weights = masked_softmax(bilinear_scores(g, h, self.weight), mask)
        return context(weights, h), weights


class AdditiveAttention(nn.Module):
    """The same with a one-layer network as the score: s_nm = v' tanh(W_g g_n + b + W_h h_m). Unit 14_attention.

    Args:
        g_size, h_size: sizes of a query and of a key.
        size: hidden units of the score.
    """

    def __init__(self, g_size: int, h_size: int, size: int = 64):
        super().__init__()
        self.from_g = nn.Linear(g_size, size)
        self.from_h = nn.Linear(h_size, size, bias=False)
        self.v = nn.Parameter(torch.randn(size) / size**0.5)

    def forward(
        self, g: Float[Tensor, "batch queries g_size"], h: Float[Tensor, "batch keys h_size"], mask: Mask = None
    ) -> tuple[Float[Tensor, "batch queries h_size"], Float[Tensor, "batch queries keys"]]:
        """(context, weights)."""
        scores = torch.tanh(self.from_g(g)[:, :, None] + self.from_h(h)[:, None]) @ self.v
        weights = masked_softmax(scores, mask)
        return context(weights, h), weights

"""Padded batches: which places belong to an utterance, and each utterance turned round within its own length.

Conventions: `lengths` holds the valid places of each row of a batch; what lies beyond is padding. Used in units 12_ctc,
13_deep_speech and 14_attention.
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor


def inside(lengths: Int[Tensor, " batch"], places: int) -> Bool[Tensor, "batch places"]:
    """True inside an utterance, False beyond its end.

    >>> inside(torch.tensor([1, 3]), 3).int().tolist()
    [[1, 0, 0], [1, 1, 1]]
    """
    return torch.arange(places, device=lengths.device) < lengths[:, None]


def mirror(x: Float[Tensor, "batch steps width"], lengths: Int[Tensor, " batch"]) -> Float[Tensor, "batch steps width"]:
    """Each utterance turned round within its own length; the padding stays behind it.

    >>> mirror(torch.tensor([[1.0, 2.0, 3.0, 0.0]])[:, :, None], torch.tensor([3]))[0, :, 0].tolist()
    [3.0, 2.0, 1.0, 0.0]
    """
    place = torch.arange(x.shape[1], device=x.device).expand(x.shape[:2])
    turned = torch.where(place < lengths[:, None], lengths[:, None] - 1 - place, place)
    return x.gather(1, turned[:, :, None].expand_as(x))

"""Mel-frequency cepstral coefficients: the DCT of the log-mel spectrum, first coefficients kept.

Derived in unit 04_features. Papers: S. Davis, P. Mermelstein, IEEE TASSP, 1980; B. Logan, "Mel frequency cepstral
coefficients for music modeling", ISMIR 2000.
"""

import math
from functools import lru_cache

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.mel import log_mel


@lru_cache(maxsize=32)
@torch.inference_mode(False)
def _dct_matrix(size: int, kept: int) -> Tensor:
    n = torch.arange(size, dtype=torch.float64)
    k = torch.arange(kept, dtype=torch.float64)[:, None]
    matrix = math.sqrt(2.0 / size) * torch.cos(math.pi / size * (n + 0.5) * k)
    matrix[:1] /= math.sqrt(2.0)
    return matrix


@same_kind
def dct(x: Tensor, kept: int | None = None, *, axis: int = -1) -> Tensor:
    """Orthonormal DCT-II along one axis; `kept` first coefficients (all by default).

    Args:
        x: real tensor.

    Returns:
        The same shape but for `axis`, which has `kept` entries. Differentiable.

    Raises:
        ValueError: more coefficients than values.

    >>> dct(torch.ones(4)).round(decimals=4).abs()
    tensor([2., 0., 0., 0.])
    """
    size = x.shape[axis]
    kept = size if kept is None else kept
    if not 1 <= kept <= size:
        raise ValueError(f"a DCT of {size} values has 1 to {size} coefficients, not {kept}")
    matrix = _dct_matrix(size, kept).to(x)
    return (x.movedim(axis, -1) @ matrix.mT).movedim(-1, axis)


@same_kind
def mfcc(x: Tensor, sr: float, *, n_mfcc: int = 20, n_mels: int = 40, **options) -> Tensor:
    """MFCCs of a signal.

    Args:
        x: (..., samples).
        sr: sampling rate in Hz.
        n_mfcc: coefficients kept; the first one is the level.
        n_mels and further options: as in `log_mel`.

    Returns:
        (..., n_mfcc, frames). Differentiable.

    Raises:
        ValueError: n_mfcc > n_mels.

    >>> mfcc(torch.zeros(2, 8000), 8000, n_mfcc=13).shape
    torch.Size([2, 13, 32])
    """
    return dct(log_mel(x, sr, n_mels=n_mels, **options), n_mfcc, axis=-2)

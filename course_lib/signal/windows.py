"""Analysis windows, and the two conditions under which overlapping windows lose nothing.

COLA (constant overlap-add): Σ_m w[n − m·hop] is the same for every n. NOLA (non-zero overlap-add): Σ_m w²[n − m·hop] is
zero for no n. COLA makes a plain overlap-add exact; NOLA is enough for least-squares synthesis, which divides by that
sum. Derived in unit 02_stft; what a window does to a spectrum is measured in `signal.window_shape` (unit 01_dft).

Paper: J. B. Allen, L. R. Rabiner, "A unified approach to short-time Fourier analysis and synthesis", Proc. IEEE, 1977.
"""

import math
from functools import lru_cache

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.framing import overlap_add

COSINE_SUMS = {
    "boxcar": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
}
"""w[n] = a₀ − a₁ cos(2πn/L) + a₂ cos(4πn/L) − …; all these windows are sums of a few cosines."""

NAMES = (*COSINE_SUMS, "sqrt_hann", "bartlett")


def window(
    name: str, length: int, *, periodic: bool = True, dtype: torch.dtype | None = None,
    device: torch.device | str | None = None,
) -> Tensor:
    """A window by name.

    Args:
        name: "hann", "hamming", "blackman", "sqrt_hann", "bartlett" or "boxcar".
        length: samples L.
        periodic: True for one period of a length-L cycle, cos(2πn/L), which is what overlap-add needs; False for the
            symmetric window of filter design, cos(2πn/(L − 1)).
        dtype, device: of the result; float32 on the CPU by default.

    Returns:
        (length,), largest value at most 1.

    Raises:
        ValueError: unknown name, or a length below 1.

    Derived in unit 02_stft.

    >>> window("hann", 4)
    tensor([0.0000, 0.5000, 1.0000, 0.5000])
    """
    if name not in NAMES:
        raise ValueError(f"unknown window {name!r}: choose one of {', '.join(NAMES)}")
    if length < 1:
        raise ValueError(f"a window needs at least 1 sample, got length={length}")
    period = length if periodic else max(length - 1, 1)
    # float64 until the end: the cosine of a rounded angle would break the COLA sum in its last digits.
    n = torch.arange(length, dtype=torch.float64) / period
    if length == 1:
        w = torch.ones(1, dtype=torch.float64)
    elif name == "bartlett":
        w = 1 - (2 * n - 1).abs()
    elif name == "sqrt_hann":
        w = torch.sin(math.pi * n)
    else:
        terms = COSINE_SUMS[name]
        w = sum((-1) ** k * a * torch.cos(2 * math.pi * k * n) for k, a in enumerate(terms))
    return w.to(device=device, dtype=dtype or torch.float32)


def as_window(w: str | Tensor, length: int, *, like: Tensor) -> Tensor:
    """`w` itself, or the window of that name, with the real precision and the device of `like`.

    Raises:
        ValueError: a window that is not one-dimensional or has another length.
    """
    real = like.real.dtype if like.is_complex() else like.dtype
    if isinstance(w, str):
        return _named(w, length, real, like.device)
    w = torch.as_tensor(w, dtype=real, device=like.device)
    if w.shape != (length,):
        raise ValueError(f"the window has shape {tuple(w.shape)}, expected ({length},)")
    return w


@lru_cache(maxsize=64)
@torch.inference_mode(False)  # a cached window must stay usable in training, wherever it was made first
def _named(name: str, length: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """`window`, made once: for short signals it costs as much as their STFT. Nobody may write into it."""
    return window(name, length, dtype=dtype, device=device)


@same_kind
def overlap_sum(w: Tensor, hop: int, *, frames: int | None = None) -> Tensor:
    """Σ_m w[n − m·hop]: how much window each sample gets.

    Args:
        w: (length,) window, or its square for the weight that least-squares synthesis divides by.
        hop: samples between copies.
        frames: copies; without it, one hop in the middle of endlessly many.

    Returns:
        (hop,), or ((frames − 1)·hop + length,) for a number of frames.

    Derived in unit 02_stft.

    >>> overlap_sum(window("hann", 8), 4)
    tensor([1., 1., 1., 1.])
    >>> overlap_sum(torch.ones(4), 2, frames=3)
    tensor([1., 1., 2., 2., 2., 2., 1., 1.])
    """
    blocks = -(-w.shape[-1] // hop)
    if frames is not None and frames < blocks:
        return overlap_add(w.expand(frames, -1), hop)
    # Rows of one hop: rising, then the full sum, then falling. Nothing else happens however many frames there are.
    length = w.shape[-1]
    rows = overlap_add(torch.nn.functional.pad(w, (0, blocks * hop - length)).expand(blocks, -1), hop).reshape(-1, hop)
    if frames is None:
        return rows[blocks - 1]
    row = torch.arange(frames + blocks - 1)
    row = torch.minimum(row, (row - (frames - blocks)).clamp(min=blocks - 1))
    return rows[row.to(w.device)].flatten()[: (frames - 1) * hop + length]


def is_cola(w: Tensor, hop: int, *, tolerance: float = 1e-6) -> bool:
    """Whether shifted copies of the window add up to a constant: |sum − mean| ≤ tolerance · mean.

    >>> is_cola(window("hann", 1024), 256), is_cola(window("hann", 1024), 600)
    (True, False)
    """
    total = overlap_sum(torch.as_tensor(w, dtype=torch.float64), hop)
    return bool((total - total.mean()).abs().max() <= tolerance * total.mean().abs())


def is_nola(w: Tensor, hop: int, *, tolerance: float = 1e-10) -> bool:
    """Whether shifted copies of the squared window leave no sample without weight: min > tolerance · max.

    >>> is_nola(window("hann", 1024), 600), is_nola(window("hann", 1024), 1024)
    (True, False)
    """
    total = overlap_sum(torch.as_tensor(w, dtype=torch.float64) ** 2, hop)
    return bool(total.min() > tolerance * total.max())

"""What a window does to a spectrum, measured: width of the main lobe, height of the side lobes, resolution in hertz.

A tone seen through a window w becomes a copy of |W(f)| = |Σ_n w[n] e^{−2πi f n}|. Widths are in bins of sr/L hertz: so
the width of the main lobe at −6 dB is the constant Cw of the window, and Bw = Cw·sr/L hertz its resolution. Derived in
unit 01_dft.

Paper: F. J. Harris, "On the use of windows for harmonic analysis with the discrete Fourier transform", Proc. IEEE,
1978.
"""

import math

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind, to_tensor
from course_lib.signal.windows import window

POINTS_PER_BIN = 64
HALF_DB = 20 * math.log10(0.5)
"""Half of the amplitude, about −6.02 dB: where two equal tones in phase leave no dip between them."""


@same_kind
def window_spectrum(w: Tensor, bins: Tensor) -> Tensor:
    """|W| at positions in bins (of sr/L hertz), relative to its value at 0: (…, K) for w (…, L) and bins (K,).

    Differentiable with respect to w. Derived in unit 01_dft.

    >>> window_spectrum(torch.ones(8), torch.tensor([0.0, 1.0])).round(decimals=5)
    tensor([1., 0.])
    """
    from course_lib.signal.fourier import dtft

    W = dtft(w, to_tensor(bins).double() / w.shape[-1]).abs()
    return W / w.sum(-1, keepdim=True).abs()


@same_kind
def main_lobe_width(w: Tensor, *, level_db: float = HALF_DB) -> Tensor:
    """Width of the main lobe in bins where its level is `level_db` below its top.

    Args:
        w: (…, L) windows, real, largest in their spectrum at 0 hertz; any scale.
        level_db: negative; the default, half of the amplitude, gives Cw.

    Returns:
        (…), float64, exact to 2e-3 bins; infinite for a window of one sample, whose spectrum never falls.

    Raises:
        ValueError: a level that is not negative, an empty window, or one whose sum is zero.

    Derived in unit 01_dft.

    >>> round(float(main_lobe_width(window("hann", 512))), 2)
    2.0
    """
    if not level_db < 0:
        raise ValueError(f"level_db is below the top of the lobe, so negative, got {level_db}")
    W, threshold = _fine_spectrum(w), 10 ** (level_db / 20)
    below = threshold > W
    first = below.long().argmax(-1, keepdim=True)  # the first True; 0 where there is none
    high, low = W.gather(-1, (first - 1).clamp(min=0)), W.gather(-1, first)
    place = first - 1 + (high - threshold) / torch.where(below.any(-1, keepdim=True), high - low, 1)
    return torch.where(below.any(-1), 2 * place[..., 0] / POINTS_PER_BIN, torch.inf)


@same_kind
def side_lobe_level(w: Tensor) -> Tensor:
    """Height of the highest side lobe in dB relative to the top of the main lobe.

    Args:
        w: as in `main_lobe_width`.

    Returns:
        (…), float64, exact to 0.01 dB: the largest level beyond the first minimum; −inf where the spectrum falls all
        the way.

    Raises:
        ValueError: an empty window, or one whose sum is zero.

    Derived in unit 01_dft.

    >>> round(float(side_lobe_level(window("hann", 512))), 1)
    -31.5
    """
    W = _fine_spectrum(w)
    beyond = (W[..., 1:] > W[..., :-1]).cumsum(-1) > 0  # from the first rise on
    return 20 * torch.log10((W[..., 1:] * beyond).amax(-1))


def resolution_hz(w: str | Tensor, length: int, sr: float) -> float:
    """Bw = Cw·sr/L in hertz: how far apart two equal tones must be to part under a window.

    Args:
        w: a name for `signal.window`, or values whose shape counts (their number need not be `length`).
        length: samples L of the frame, without zero-padding.
        sr: samples per second.

    Raises:
        ValueError: an unknown window, or a length below 1.

    Derived in unit 01_dft.

    >>> round(resolution_hz("hann", 1024, 16000), 1)
    31.2
    """
    if length < 1:
        raise ValueError(f"a frame needs at least 1 sample, got length={length}")
    return _bins(w) * sr / length


def length_for_resolution(w: str | Tensor, distance_hz: float, sr: float) -> int:
    """The smallest L with Cw·sr/L ≤ distance_hz, in samples.

    Raises:
        ValueError: an unknown window, or a distance that is not positive.

    Derived in unit 01_dft.

    >>> length_for_resolution("hann", 31.25, 16000)
    1024
    """
    if not distance_hz > 0:
        raise ValueError(f"the distance of two tones must be positive, got {distance_hz} Hz")
    return math.ceil(round(_bins(w) * sr / distance_hz, 6))


def _bins(w: str | Tensor) -> float:
    """Cw, of a long window for a name, rounded where the grid of `main_lobe_width` ends."""
    return round(float(main_lobe_width(window(w, 4096, dtype=torch.float64) if isinstance(w, str) else w)), 3)


def _fine_spectrum(w: Tensor) -> Tensor:
    """|W| relative to its top, `POINTS_PER_BIN` points per bin, from 0 to half the rate: float64."""
    if w.shape[-1] == 0:
        raise ValueError("an empty window has no spectrum")
    W = torch.fft.rfft(w.double(), POINTS_PER_BIN * w.shape[-1]).abs()
    top = W[..., :1]
    if not bool((top > 1e-9 * w.abs().sum(-1, keepdim=True)).all()):
        raise ValueError("the samples of a window add up to zero: its main lobe is not at 0 hertz")
    return W / top

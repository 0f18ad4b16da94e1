"""When does a spectrum show two tones as two? The dip between them, and the smallest frame that has one.

Two equal tones Bw = Cw·sr/L apart: each contributes half of its height in the middle. In phase the halves add up to the
height of the peaks, no dip; averaged over phases, powers add up to one half, a dip of 3 dB. Derived in unit 01_dft.
"""

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.fourier import dtft
from course_lib.signal.windows import window


@same_kind
def tone_dip(x: Tensor, low: float, high: float, sr: float) -> Tensor:
    """How far the level falls midway between two frequencies, below the weaker of the two, in dB.

    Args:
        x: (…, samples), a frame already windowed.
        low, high: the two frequencies in hertz.
        sr: samples per second.

    Returns:
        (…): 20·log10(min(|X(low)|, |X(high)|) / |X((low + high)/2)|), negative where one hump is in between; nan for
        silence. Measured at the frequencies themselves, not at bins. Differentiable.

    Raises:
        ValueError: `low` is not below `high`.

    Derived in unit 01_dft.

    >>> t = torch.arange(1000.0) / 1000
    >>> x = torch.cos(2 * torch.pi * 100 * t) + torch.cos(2 * torch.pi * 101 * t)
    >>> bool(tone_dip(x, 100, 101, 1000) > 3), bool(tone_dip(x[:500], 100, 101, 1000) > 3)
    (True, False)
    """
    if not low < high:
        raise ValueError(f"expected low < high, got {low} and {high} Hz")
    places = torch.tensor([low, (low + high) / 2, high], dtype=torch.float64)
    X = dtft(x, places, sr=sr).abs()
    return 20 * torch.log10(torch.minimum(X[..., 0], X[..., 2]) / X[..., 1])


def smallest_length(
    low: float, high: float, sr: float, name: str = "hann", longest: int = 4096, *, dip_db: float = 3.0
) -> int:
    """The smallest frame that parts two equal cosines, in phase in its middle, the worst case that has a dip at all.

    Args:
        low, high: frequencies in hertz.
        sr: samples per second.
        name: of a periodic window.
        longest: largest length tried, in samples.
        dip_db: what `tone_dip` must reach.

    Returns:
        Samples, or 0 if no length up to `longest` does.

    Raises:
        ValueError: `low` is not below `high`, or an unknown window.

    Derived in unit 01_dft.

    >>> smallest_length(1000, 1040, 8000, "hann")
    486
    """
    for length in range(2, longest + 1):
        t = (torch.arange(length, dtype=torch.float64) - length / 2) * (2 * torch.pi / sr)
        frame = (torch.cos(low * t) + torch.cos(high * t)) * window(name, length, dtype=torch.float64)
        if tone_dip(frame, low, high, sr) >= dip_db:
            return length
    return 0

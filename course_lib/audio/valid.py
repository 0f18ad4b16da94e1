"""What counts as a signal and as a sampling rate."""

import numpy as np


class AudioError(ValueError):
    """A file, a signal or a sampling rate that cannot be used; the message says what to do."""


def checked_signal(x) -> np.ndarray:
    """A finite float32 copy of x, (samples,) or (channels, samples); a tensor is taken off its device.

    Raises AudioError for integers, other shapes, an empty signal, NaN and infinity.
    """
    if hasattr(x, "detach"):
        x = x.detach().cpu().numpy()
    x = np.asarray(x)
    if x.dtype.kind != "f":
        raise AudioError(f"a signal is float between -1 and 1, this is {x.dtype}; 16-bit integers: x / 32768.0")
    if x.ndim not in (1, 2):
        raise AudioError(f"a signal has shape (samples,) or (channels, samples), this has {x.shape}")
    if x.size == 0:
        raise AudioError(f"the signal is empty: its shape is {x.shape}")
    if x.ndim == 2 and x.shape[0] > 64 and x.shape[0] > x.shape[1]:
        raise AudioError(f"a signal has shape (channels, samples), this has {x.shape}; transpose it with x.T")
    with np.errstate(over="ignore"):
        x = np.array(x, dtype=np.float32, order="C")
    if not np.isfinite(x).all():
        raise AudioError(f"the signal holds {int((~np.isfinite(x)).sum())} values that are NaN or infinite in float32")
    return x


def checked_rate(sr: int) -> int:
    """The sampling rate in hertz as int. Raises AudioError unless it is a whole number above 0."""
    if isinstance(sr, bool) or not isinstance(sr, int | float | np.number) or not 0 < sr < 1e7 or sr != int(sr):
        raise AudioError(f"a sampling rate is a whole number of hertz above 0, this is {sr!r}")
    return int(sr)

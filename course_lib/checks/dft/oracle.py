"""What the checks of unit 01_dft compare with: numpy.fft, least squares, scipy's windows and roots, all float64."""

import numpy as np
import scipy.optimize
import scipy.signal
from torch import Tensor


def orthogonal(rng: np.random.Generator, count: int, samples: int, *, complex_values: bool) -> np.ndarray:
    """(count, samples) orthogonal rows whose lengths differ: 0.3 to 3."""
    shape = (samples, samples)
    matrix = rng.standard_normal(shape) + (1j * rng.standard_normal(shape) if complex_values else 0)
    return np.linalg.qr(matrix)[0][:count] * rng.uniform(0.3, 3, (count, 1))


def project(y: Tensor, vectors: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Least squares: the coefficients and the approximation of each signal of a batch."""
    y, V = _wide(y), _wide(vectors)
    c = np.linalg.lstsq(V.T, y.reshape(-1, y.shape[-1]).T, rcond=None)[0].T
    return c.reshape(*y.shape[:-1], len(V)), (c @ V).reshape(y.shape)


def dft(x: Tensor, *, inverse: bool = False) -> np.ndarray:
    """numpy's FFT along the last axis, complex128."""
    return np.fft.ifft(_wide(x)) if inverse else np.fft.fft(_wide(x))


def window(rng: np.random.Generator, name: str, length: int) -> np.ndarray:
    """A window of scipy with random shape and height; equal ripples, steep and flat ones among them."""
    spec = {
        "chebwin": ("chebwin", rng.uniform(50, 90)), "kaiser": ("kaiser", rng.uniform(2, 11)),
        "gauss": ("gaussian", length / rng.uniform(5, 7)), "taylor": ("taylor", 4, int(rng.integers(25, 45))),
    }.get(name, name)
    return rng.uniform(0.2, 5) * scipy.signal.get_window(spec, length, fftbins=bool(rng.integers(2)))


def magnitude(w: np.ndarray, bins: np.ndarray | float) -> np.ndarray:
    """|Σ w[n] e^{−2πi bn/L}| / |Σ w[n]| at any positions b in bins, summed term by term."""
    turns = np.exp(-2j * np.pi / len(w) * np.multiply.outer(bins, np.arange(len(w))))
    return np.abs(turns @ w) / abs(w.sum())


def first_minimum(w: np.ndarray) -> float:
    """Where the main lobe ends, in bins, to 1/200 of a bin; within the first 8, as for every window here."""
    grid = np.arange(0, 8, 0.005)
    return float(grid[np.flatnonzero(np.diff(magnitude(w, grid)) > 0)[0]])


def crossing(w: np.ndarray, level: float) -> float:
    """The position in bins where the main lobe falls through `level` (an amplitude)."""
    return float(scipy.optimize.brentq(lambda b: magnitude(w, b) - level, 0, first_minimum(w)))


def window_shape(w: np.ndarray) -> tuple[float, float]:
    """Width of the main lobe at half amplitude in bins, and the highest side lobe in dB."""
    grid = np.arange(first_minimum(w), len(w) / 2, 0.05)
    values = magnitude(w, grid)
    # The grid may miss the top of a lobe by a tenth of a decibel: every lobe nearly as high as the highest is refined.
    inner = 1 + np.flatnonzero((values[1:-1] >= values[:-2]) & (values[1:-1] >= values[2:]))
    tops = [_top(w, grid[i], grid[0]) for i in inner if values[i] > 0.9 * values.max()]
    return 2 * crossing(w, 0.5), float(20 * np.log10(max([values.max(), *tops])))


def _top(w: np.ndarray, near: float, lowest: float) -> float:
    """The magnitude at the top of the lobe around a grid point, 0.05 bins to either side."""
    found = scipy.optimize.minimize_scalar(
        lambda b: -magnitude(w, b), bounds=(max(near - 0.05, lowest), near + 0.05), method="bounded",
        options={"xatol": 1e-7},
    )
    return -found.fun


def _wide(x: Tensor) -> np.ndarray:
    x = x.detach().cpu().resolve_conj().numpy()
    return x.astype(np.complex128 if np.iscomplexobj(x) else np.float64)

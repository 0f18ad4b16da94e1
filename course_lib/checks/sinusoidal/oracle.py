"""What the checks of unit 06_sinusoidal compare with: polynomial fits, numpy's lstsq, sample loops, all in float64."""

import numpy as np

FLOOR = 1e-12


def peak_bins(amplitude: np.ndarray) -> list[int]:
    """Inner bins that are larger than the bin before and not smaller than the one after."""
    return [k for k in range(1, len(amplitude) - 1) if amplitude[k - 1] < amplitude[k] >= amplitude[k + 1]]


def peaks(amplitude: np.ndarray, sr: float, floor_db: float) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies in Hz and amplitudes: a polynomial of degree 2 through each three levels, where its slope is 0."""
    level = 20 * np.log10(np.maximum(np.asarray(amplitude, np.float64), FLOOR))
    spacing = sr / 2 / (len(level) - 1)
    found = []
    for k in peak_bins(level):
        square, slope, constant = np.polyfit([-1.0, 0.0, 1.0], level[k - 1 : k + 2], 2)
        at = -slope / (2 * square)
        height = np.polyval([square, slope, constant], at)
        if height > floor_db:
            found.append(((k + at) * spacing, 10 ** (height / 20)))
    table = np.array(found).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def harmonic_basis(samples: int, f0: float, sr: float, harmonics: int, centre: float | None = None) -> np.ndarray:
    """(samples, 2·used) cosines and minus sines of the harmonics below sr/2, with time 0 at sample `samples // 2`."""
    centre = samples // 2 if centre is None else centre
    n = (np.arange(samples) - centre)[:, None]
    h = np.array([h for h in range(1, harmonics + 1) if h * f0 < sr / 2]).reshape(1, -1)
    angle = 2 * np.pi * h * f0 / sr * n
    return np.concatenate([np.cos(angle), -np.sin(angle)], 1)


def harmonic_fit(
    x: np.ndarray, f0: float, sr: float, harmonics: int, *, centre: float | None = None, w: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Complex amplitudes (harmonics,) and the residual, by numpy's lstsq; `w` weights the error."""
    x = np.asarray(x, np.float64)
    gains = np.zeros(harmonics, np.complex128)
    if f0 <= 0 or f0 >= sr / 2:
        return gains, x.copy()
    basis = harmonic_basis(len(x), f0, sr, harmonics, centre)
    w = np.ones(len(x)) if w is None else w
    solution = np.linalg.lstsq(w[:, None] * basis, w * x, rcond=None)[0]
    used = basis.shape[1] // 2
    gains[:used] = solution[:used] + 1j * solution[used:]
    return gains, x - basis @ solution


def straight_lines(values: np.ndarray, hop: int) -> np.ndarray:
    """(…, frames) → (…, (frames − 1)·hop + 1), np.interp row by row."""
    at = np.arange((values.shape[-1] - 1) * hop + 1) / hop
    rows = [np.interp(at, np.arange(values.shape[-1]), row) for row in values.reshape(-1, values.shape[-1])]
    return np.array(rows).reshape(*values.shape[:-1], len(at))


def additive(frequency: np.ndarray, amplitude: np.ndarray, phase: np.ndarray, sr: float, hop: int) -> np.ndarray:
    """Sum of cosines, the phase counted up sample by sample in turns."""
    f, a = straight_lines(frequency, hop), straight_lines(amplitude, hop)
    turns, y = phase / (2 * np.pi), np.zeros((*f.shape[:-2], f.shape[-1]))
    for n in range(f.shape[-1]):
        if n:
            turns = (turns + f[..., n] / sr) % 1.0
        y[..., n] = (a[..., n] * (f[..., n] < sr / 2) * np.cos(2 * np.pi * turns)).sum(-1)
    return y

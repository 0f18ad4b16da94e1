"""What usual mistakes in linear prediction (exercise 5.3) would give: tables for `mistakes=`, computed when needed."""

import numpy as np
import scipy.linalg
import scipy.signal

from course_lib.checks.source_filter import oracle


def coefficients(x: np.ndarray, order: int) -> dict:
    """Sentence → value, for the first result of `lpc`."""
    a, _ = oracle.lpc(x, order)
    one = np.ones((*x.shape[:-1], 1))

    def solved(lags) -> np.ndarray:
        try:
            return oracle.by_row(x, lambda row: oracle.normal_equations(lags(row)))[0]
        except np.linalg.LinAlgError:  # a frame so short that the mistake leaves nothing to solve
            return a

    def recursion(**mistake) -> np.ndarray:
        return oracle.by_row(x, lambda row: _steps(oracle.autocorrelation(row, order), **mistake)[:2])[0]

    samples = x.shape[-1]
    table = {
        "the signs are those of the predictor x[n] ≈ Σ a_k x[n−k]: here A(z) = 1 + Σ a_k z^-k, so "
        "x[n] ≈ −Σ a_k x[n−k].": -a,
        "the leading 1 of A(z) is among the coefficients: return a_1 … a_p.": np.concatenate([one, a], -1),
        "these are the reflection coefficients k_m: each order also changes the coefficients before, "
        "a_k + k_m a_{m−k}.": oracle.by_row(x, lambda row: _reflections(oracle.autocorrelation(row, order)))[0],
        "the coefficients were changed in place: a_k + k_m a_{m−k} needs the old a_{m−k}, so make a new list.":
            recursion(mix="in place"),
        "the coefficients before are never changed: each order also adds k_m a_{m−k} to a_k.": recursion(mix="none"),
        "the old coefficients were not reversed: a_k + k_m a_{m−k}, not a_k + k_m a_k.": recursion(mix="forwards"),
        "the minus of the reflection coefficient is missing: k_m = −(r[m] + …) / E.": recursion(sign=1),
        "each order multiplies the error by 1 − k², not by 1 − k, with the k squared.":
            recursion(shrink=lambda k: 1 - k),
        "each order multiplies the error by 1 − k², not by 1 + k².": recursion(shrink=lambda k: 1 + k * k),
        "the energy is that of the frame at every order: divide by E_{m−1}, which shrinks by 1 − k².":
            recursion(shrink=lambda k: 1),
        "an epsilon was added to the energy: a soft frame is no silence, so divide by the energy as it is, and look "
        "for silence apart.": recursion(epsilon=1e-6),
        "frames that are not longer than the order came out as zeros: lags beyond the frame are 0, no more.":
            a if samples > order else 0 * a,
        "a silent frame stopped the others of its batch: each frame goes its own way.":
            0 * a if (np.abs(x).max(-1) == 0).any() else a,
        "the autocorrelation was divided by the number of products, N − k: divide by nothing (that estimate can make "
        "an unstable filter).": solved(lambda row: oracle.autocorrelation(row, order)
                                       / np.maximum(samples - np.arange(order + 1), 1)),
        "the autocorrelation is circular: the end of the frame meets its beginning. Pad with zeros before the FFT.":
            solved(lambda row: np.resize(np.fft.ifft(np.abs(np.fft.fft(row)) ** 2).real, order + 1)),
        "the mean was subtracted from the frame.": solved(lambda row: oracle.autocorrelation(row - row.mean(), order)),
        "it is the covariance method (least squares inside the frame): the card asks for the autocorrelation method.":
            oracle.by_row(x, lambda row: (_covariance(row, order), np.zeros(order + 1)))[0],
    }
    windows = {"periodic hann, as `signal.lpc` does": scipy.signal.get_window("hann", samples),
               "hann without its zeros": np.hanning(samples + 2)[1:-1], "symmetric hann": np.hanning(samples),
               "hamming": np.hamming(samples), "periodic hamming": scipy.signal.get_window("hamming", samples)}
    for name, w in windows.items():
        table[f"the frame was windowed again ({name}): it comes windowed already."] = solved(
            lambda row, w=w: oracle.autocorrelation(row * w, order))
    if samples > order:
        import librosa

        flat = np.asarray(x, np.float64).reshape(-1, samples)
        if np.abs(flat).max(-1).min() > 0:
            burg = np.stack([librosa.lpc(row, order=order)[1:] for row in flat])
            table["it is Burg's method, that of librosa.lpc: the card asks for the autocorrelation method."] = (
                burg.reshape(a.shape)
            )
    return table


def errors(x: np.ndarray, order: int) -> dict:
    """Sentence → value, for the second result of `lpc`."""
    _, error = oracle.lpc(x, order)
    _, k = oracle.by_row(x, lambda row: _reflections(oracle.autocorrelation(row, order)))
    start = error[..., :1]

    def product(factor: np.ndarray) -> np.ndarray:
        return np.concatenate([start, start * np.cumprod(factor, -1)], -1)

    samples = x.shape[-1]
    return {
        "only the error of the last order is there: return it for every order 0 … p.": error[..., -1],
        "the error of order 0 is missing: it is r[0], the energy of the frame.": error[..., 1:],
        "the error of the last order is missing.": error[..., :-1],
        "each order multiplies the error by 1 − k², not by 1 + k².": product(1 + k**2),
        "each order multiplies the error by 1 − k², not by 1 − |k|.": product(1 - np.abs(k)),
        "each order multiplies the error by 1 − k², with the k squared.": product(1 - k),
        "the error was divided by r[0]: return energies.": error / np.where(start > 0, start, 1),
        "the energies were divided by the number of samples: return sums.": error / samples,
        "these are gains in dB: return energies.": 10 * np.log10(np.where(error > 0, start / np.where(
            error > 0, error, 1), 1)),
        "the error is the same for all orders: it shrinks by 1 − k² each time.": start + 0 * error,
    }


def _steps(
    r: np.ndarray, *, mix: str = "backwards", sign: int = -1, shrink=lambda k: 1 - k * k, epsilon: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and reflection coefficients by the recursion; the options are for mistakes.

    Args:
        mix: how the old list enters the new one: "backwards", "forwards", changed "in place" while it is read, "none".
        sign: of the reflection coefficient.
        shrink: by what each order multiplies the error, from k.
        epsilon: added to the error before the division.
    """
    order = len(r) - 1
    a, ks, error = np.zeros(order), np.zeros(order), r[0]
    if r[0] <= 0:
        return a, ks
    for m in range(1, order + 1):
        k = sign * (r[m] + a[: m - 1] @ r[m - 1 : 0 : -1]) / (error + epsilon)
        old = a if mix == "in place" else a.copy()
        for i in range(m - 1):
            a[i] = old[i] + {"none": 0, "forwards": k * old[i]}.get(mix, k * old[m - 2 - i])
        a[m - 1] = ks[m - 1] = k
        error *= shrink(k)
    return a, ks


def _reflections(r: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    _, ks = _steps(r)
    return ks, ks


def _covariance(row: np.ndarray, order: int) -> np.ndarray:
    if len(row) <= 2 * order or not row.any():
        return np.zeros(order)
    past = np.stack([row[order - k : len(row) - k] for k in range(1, order + 1)], -1)
    return -scipy.linalg.lstsq(past, row[order:])[0]

"""What usual mistakes in scattering of order 1 and 2 would give: tables for `mistakes=`, computed when needed."""

import numpy as np

from course_lib.checks.scattering import oracle


def first_order(x: np.ndarray, wavelets: np.ndarray, low_pass: np.ndarray, hop: int) -> dict:
    """Sentence → value."""
    n, samples = wavelets.shape[-1], x.shape[-1]
    z = oracle.convolve(oracle.padded(x, n), wavelets)

    def average(u: np.ndarray) -> np.ndarray:
        return oracle.average(u, low_pass, hop, samples)

    want, u = average(np.abs(z)).real, np.abs(z)
    return {
        "there is no modulus: a wave averages to zero, its envelope does not.": average(z),
        "the modulus comes after the averaging: what is averaged away does not come back.": np.abs(average(z)),
        "only the real part was taken: |Re(x * ψ)| still swings, the complex modulus does not.":
            average(np.abs(z.real)).real,
        "only the real part was taken, with its sign: it averages to zero.": average(z.real).real,
        "the modulus was squared: scattering averages |x * ψ| itself.": average(u**2).real,
        "nothing was averaged: multiply with the low-pass before reading every `hop` samples.":
            u[..., ::hop][..., : samples // hop + 1],
        "the modulus was averaged over blocks of `hop` samples: the card asks for the low-pass.":
            _blocks(u, hop, samples),
        "only the positive half of the filters was used: a sampled wavelet reaches into negative frequencies too.":
            average(np.abs(oracle.convolve(oracle.padded(x, n), _positive(wavelets)))).real,
        "`irfft` makes the band real: a wavelet gives a complex band, whose modulus does not swing.":
            average(np.abs(_real_band(oracle.padded(x, n)[..., None, :], wavelets))).real,
        "the spectrum of x is conjugated: that turns time round.":
            average(np.abs(oracle.convolve(np.roll(oracle.padded(x, n)[..., ::-1], 1, -1), wavelets))).real,
        "there are zeros on both sides: append them all at the end, up to n.":
            average(np.abs(oracle.convolve(_centred(x, n), wavelets))).real,
        "the envelope was cut to the signal before the average: average all n samples.":
            average(u * (np.arange(n) < samples)).real,
        "x was not padded: append zeros up to n, the number of bins. Filters cut to the bins of x are other filters.":
            _without_padding(x, wavelets, low_pass, hop),
        f"`irfft` without its length gives {n - 1} samples for the odd n = {n}: pass n.": _odd_irfft(
            u, low_pass, hop, samples),
        "the axes are swapped: (…, filters, frames).": np.swapaxes(want, -1, -2),
        "the frames start at hop/2: frame m is read at sample m·hop.": np.roll(
            oracle.convolve(u, low_pass[None])[..., 0, :].real, -(hop // 2), -1)[..., ::hop][..., : samples // hop + 1],
        "nothing was thrown away: read every `hop` samples.":
            oracle.convolve(u, low_pass[None])[..., 0, :].real[..., :samples],
        "the frames of the zeros are still there: keep samples // hop + 1.":
            oracle.convolve(u, low_pass[None])[..., 0, :: hop].real,
        "the last frame is missing: there are samples // hop + 1.": want[..., :-1],
        "the low-pass was applied to the signal, not to the modulus.":
            np.abs(oracle.convolve(oracle.convolve(oracle.padded(x, n), low_pass[None])[..., 0, :], wavelets))[
                ..., ::hop][..., : samples // hop + 1],
        "the result still carries the 1/n or n of a transform: `ifft` divides by n by itself.": want * n,
        "it was divided by n once more: `ifft` does that by itself.": want / n,
    }


def _blocks(u: np.ndarray, hop: int, samples: int) -> np.ndarray:
    frames = samples // hop + 1
    padded = np.concatenate([u, np.zeros((*u.shape[:-1], hop * frames))], -1)[..., : frames * hop]
    return padded.reshape(*u.shape[:-1], frames, hop).mean(-1)


def second_order(
    x: np.ndarray, first: np.ndarray, second: np.ndarray, low_pass: np.ndarray, paths: list[tuple[int, int]], hop: int
) -> dict:
    """Sentence → value."""
    n, samples = first.shape[-1], x.shape[-1]
    ones, twos = [a for a, _ in paths], [b for _, b in paths]
    z = oracle.convolve(oracle.padded(x, n), first)
    u = np.abs(z)

    def again(v: np.ndarray, rows: list[int] = ones, banks: np.ndarray = second, columns: list[int] = twos):
        return np.stack([
            oracle.convolve(v[..., a, :], banks[b : b + 1])[..., 0, :]
            for a, b in zip(rows, columns, strict=True)
        ], -2)

    def average(v: np.ndarray) -> np.ndarray:
        return oracle.average(v, low_pass, hop, samples)

    def path_by_path(rows: list[tuple[int, int]]) -> np.ndarray:
        return again(u, [a for a, _ in rows], second, [b for _, b in rows])

    want = average(np.abs(again(u))).real
    positive = np.abs(oracle.convolve(oracle.padded(x, n), _positive(first)))
    smooth = oracle.convolve(u, low_pass[None])[..., 0, :].real
    table = {
        "the inner modulus is missing: without it the second wavelet sees no envelope.": average(np.abs(again(z))).real,
        "the outer modulus is missing: the band averages to zero.": average(again(u)).real,
        "the modulus comes after the averaging.": np.abs(average(again(u))),
        "the envelopes were averaged before the second wavelet: that removes what it looks for.":
            average(np.abs(again(smooth))).real,
        "the moduli were squared.": average(np.abs(again(u**2)) ** 2).real,
        "the outer modulus was squared.": average(np.abs(again(u)) ** 2).real,
        "the inner modulus was squared.": average(np.abs(again(u**2))).real,
        "nothing was averaged at the end.": np.abs(again(u))[..., ::hop][..., : samples // hop + 1],
        "these are first-order coefficients.": average(u[..., ones, :]).real,
        "the axes are swapped: (…, paths, frames).": np.swapaxes(want, -1, -2),
        "the rows are sorted by path: they follow `paths`.":
            average(np.abs(path_by_path(sorted(paths)))).real,
        "the rows are grouped by the first wavelet: they follow `paths`.":
            average(np.abs(path_by_path(sorted(paths, key=lambda path: path[0])))).real,
        "only the positive half of the filters was used: a sampled wavelet reaches into negative frequencies too.":
            average(np.abs(again(positive, ones, _positive(second)))).real,
        "the first envelope was cut to the signal: pass all n samples on.":
            average(np.abs(again(u * (np.arange(n) < samples)))).real,
        f"`irfft` without its length gives {n - 1} samples for the odd n = {n}: pass n.": _odd_irfft(
            np.abs(again(u)), low_pass, hop, samples),
        "the second wavelet looks at the signal, not at |x * ψ1|.": np.stack([
            average(np.abs(oracle.convolve(oracle.padded(x, n), second[b : b + 1])[..., 0, :])).real for b in twos
        ], -2),
        "the frames of the zeros are still there: keep samples // hop + 1.":
            oracle.convolve(np.abs(again(u)), low_pass[None])[..., 0, :: hop].real,
        "the last frame is missing: there are samples // hop + 1.": want[..., :-1],
        "every pair is there: the card asks for the rows named by `paths`.": average(np.abs(again(
            u, [a for a in range(len(first)) for _ in range(len(second))], second,
            list(range(len(second))) * len(first)))).real,
        "the first bank was used twice.": average(np.abs(again(u, ones, first, [b % len(first) for b in twos]))).real,
    }
    if max(ones) < len(second) and max(twos) < len(first):
        table["the two places of a path are exchanged: (λ1 in the first bank, λ2 in the second)."] = average(
            np.abs(again(u, twos, second, ones))).real
    return table


def _positive(filters: np.ndarray) -> np.ndarray:
    """The filters without their bins above 1/2."""
    return filters * (np.arange(filters.shape[-1]) <= filters.shape[-1] // 2)


def _real_band(x: np.ndarray, filters: np.ndarray) -> np.ndarray:
    n = filters.shape[-1]
    return np.fft.irfft(np.fft.rfft(x) * filters[:, : n // 2 + 1], n)


def _centred(x: np.ndarray, n: int) -> np.ndarray:
    """`x` between zeros."""
    before = (n - x.shape[-1]) // 2
    return np.roll(oracle.padded(x, n), before, -1)


def _without_padding(x: np.ndarray, wavelets: np.ndarray, low_pass: np.ndarray, hop: int) -> np.ndarray:
    """Everything at the length of `x`, filters cut."""
    samples = x.shape[-1]
    u = np.abs(np.fft.ifft(np.fft.fft(x)[..., None, :] * wavelets[:, :samples]))
    return np.fft.ifft(np.fft.fft(u) * low_pass[:samples]).real[..., ::hop]


def _odd_irfft(u: np.ndarray, low_pass: np.ndarray, hop: int, samples: int) -> np.ndarray:
    """The average by `rfft` and an `irfft` that takes the length for even."""
    smooth = np.fft.irfft(np.fft.rfft(u) * low_pass[: len(low_pass) // 2 + 1])
    return smooth[..., ::hop][..., : samples // hop + 1]

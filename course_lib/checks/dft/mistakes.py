"""What usual mistakes in unit 01_dft would give: tables for `mistakes=` of the comparisons, computed when needed."""

import math

import numpy as np
from torch import Tensor

from course_lib.checks.dft import oracle
from course_lib.checks.dft.oracle import _wide
from course_lib.checks.dft.tones import bisected, dips, downwards, resolving_length


def coefficients(y: Tensor, vectors: Tensor) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    y, V = _wide(y), _wide(vectors)
    power, products = (np.abs(V) ** 2).sum(-1), y @ V.conj().T
    with np.errstate(divide="ignore", invalid="ignore"):
        by_signal = products / (np.abs(y) ** 2).sum(-1, keepdims=True)
    return {
        "no conjugate: ⟨y, v⟩ = Σ y[n] v*[n], so the vectors are conjugated.": y @ V.T / power,
        "the signal was conjugated in place of the vectors: ⟨y, v⟩ = Σ y[n] v*[n].": products.conj() / power,
        "it was divided by |v|, the exercise divides by |v|²: twice as long a vector needs half the coefficient.":
            products / np.sqrt(power),
        "the inner products were not divided by |v|²: these vectors are not of unit length.": products,
        "it was divided by |y|²: the coefficient of y on v has |v|² below.": by_signal,
        "it was divided by the number of samples, not by |v|²: that is right for the DFT's vectors only.":
            products / y.shape[-1],
        "v² is not |v|² for complex values: square the magnitude.": products / (V**2).sum(-1),
    }


def approximation(y: Tensor, vectors: Tensor) -> dict:
    """Sentence → value."""
    y, V = _wide(y), _wide(vectors)
    power = (np.abs(V) ** 2).sum(-1)
    c = y @ V.conj().T / power
    return {
        "the vectors were conjugated in the sum: analysis has the conjugate, synthesis does not.": c @ V.conj(),
        "the inner products were summed without the division by |v|².": (c * power) @ V,
        "each term was divided by |v|² twice.": (c / power) @ V,
        "it is what is left, y minus the approximation.": y - c @ V,
        "it is the signal itself: with fewer vectors than samples something is left over.": y,
    }


def dft(x: Tensor, inverse: bool) -> dict:
    """Sentence → value."""
    want, forward, size = oracle.dft(x, inverse=inverse), oracle.dft(x), x.shape[-1]
    n, k = np.arange(size), np.arange(size)[:, None]
    sign = 1 if inverse else -1
    scale = 1 / size if inverse else 1.0

    def written_out(rows: np.ndarray, columns: np.ndarray, period: int) -> np.ndarray:
        return scale * _wide(x) @ np.exp(sign * 2j * np.pi * rows * columns / max(period, 1)).T

    table = {
        "it was divided by √N: here the forward transform has no factor, the inverse 1/N.":
            want * (math.sqrt(size) if inverse else 1 / math.sqrt(size)),
        "k counts from 1: the first bin is 0 hertz, k = 0.": written_out(k + 1, n, size),
        "n counts from 1: the first sample is n = 0.": written_out(k, n + 1, size),
        "the exponent divides by N − 1: N points round the circle, so 2π/N.": written_out(k, n, size - 1),
        "the 2 of 2π is missing.": written_out(k / 2, n, size),
    }
    if inverse:
        table["it is the forward DFT: the inverse has + in the exponent and 1/N before the sum."] = forward
        table["1/N is missing before the sum."] = want * size
        table["the sign in the exponent is that of the forward DFT: the inverse has +."] = forward / size
    else:
        table["the sign in the exponent is that of the inverse: analysis conjugates, so −."] = size * oracle.dft(
            x, inverse=True)
        table["it was divided by N: the forward transform has no factor, the inverse has 1/N."] = want / size
        table["only the first N//2 + 1 bins are there: the exercise asks for all N."] = want[..., : size // 2 + 1]
        table["it is the magnitude: the DFT is complex."] = np.abs(want)
    if x.ndim > 1:
        along = np.fft.ifft if inverse else np.fft.fft
        table["the sum runs along the first axis: time is the last one."] = along(_wide(x), axis=0)
        table["all axes were transformed: only the last one is time."] = (
            np.fft.ifftn if inverse else np.fft.fftn)(_wide(x))
    return table


def width(w: np.ndarray) -> dict:
    """Sentence → value."""
    half, power, quarter = (2 * oracle.crossing(w, level) for level in (0.5, math.sqrt(0.5), 0.25))
    end = 2 * oracle.first_minimum(w)
    return {
        "it is half of the width: the lobe has a left half as well.": half / 2,
        "it is the width at −3 dB, where the power is halved: half of the amplitude is −6 dB.": power,
        "it is half of the width at −3 dB: both halves count, and half of the amplitude is −6 dB.": power / 2,
        "it is the width at −12 dB: 0.25 in |W|² is 0.5 in |W|.": quarter,
        "the spectrum was not zero-padded: with one point per bin a width cannot be measured.":
            2 * float(np.flatnonzero(oracle.magnitude(w, np.arange(len(w) // 2)) < 0.5)[0]),
        "it is the width from zero to zero: the exercise asks for half of the maximum.": end,
        "it is half of the width from zero to zero.": end / 2,
        "it is not in bins of sr/L but in samples of frequency, as if L were 1.": half / len(w),
        "it counts points of the zero-padded spectrum: divide by the padding.": 2.0 * (math.floor(128 * half) + 1),
    }


def side_lobe(w: np.ndarray) -> dict:
    """Sentence → value."""
    _, level = oracle.window_shape(w)
    edge, minimum = oracle.crossing(w, 0.5), oracle.first_minimum(w)
    grid = np.arange(0, len(w) / 2, 0.002)
    values = oracle.magnitude(w, grid)
    coarse = oracle.magnitude(w, np.arange(len(w) // 2 + 1))

    def db(amplitude: float) -> float:
        return float(20 * np.log10(max(amplitude, 1e-300)))

    return {
        "the sign is positive: a side lobe lies below the top, so its level is negative.": -level,
        "the factor is 10: 20·log10 for an amplitude.": level / 2,
        "the factor is 20 for a power: 10·log10|W|² or 20·log10|W|.": 2 * level,
        "it is not relative to the top of the main lobe: divide by W[0].": level + db(abs(w.sum())),
        "it is a ratio of amplitudes, not yet in dB.": 10 ** (level / 20),
        "the main lobe was cut at half of its maximum: side lobes begin after the first minimum.":
            db(values[grid >= edge].max()),
        "the main lobe was cut one bin from the middle: side lobes begin after the first minimum.":
            db(values[grid >= 1].max()),
        "it is the level of the first minimum.": db(float(oracle.magnitude(w, minimum))),
        "the spectrum was not zero-padded: its points miss the tops of the side lobes.":
            db(coarse[np.arange(len(coarse)) >= minimum - 0.01].max()),
        "it is the lowest side lobe or the last one.": db(values[-1]),
    }


def smallest_length(low: float, high: float, sr: int, name: str, longest: int) -> dict:
    """Sentence → value; mistakes that give the same length share one sentence, since the length cannot tell them."""
    def table_of(window: str = name, **choices) -> np.ndarray:
        return dips(low, high, sr, window, longest, **choices)

    def length(window: str = name, **choices) -> int:
        return resolving_length(table_of(window, **choices))

    right = table_of()
    want = resolving_length(right)
    cw = {"boxcar": 1.2067, "hann": 2.0, "hamming": 1.8152, "blackman": 2.2989}[name] * sr / (high - low)
    begins = "it is Cw·sr/D, where the dip only begins: the exercise asks for a measured dip of 3 dB."
    pairs = [
        (begins, math.ceil(cw)),
        (begins, round(cw)),
        ("the levels were read at the nearest bins of a DFT of L samples: measure at the three frequencies "
         "themselves.", length(bins=True)),
        ("the window was not applied.", length("boxcar")),
        ("the window was applied twice.", length(square=True)),
        ("the window is the symmetric one: `signal.window(name, L)` is periodic.", length(periodic=False)),
        ("the tones are in phase at the first sample: they should be in the middle, n = L/2.",
         length(crest=lambda L: 0)),
        ("the tones are in phase at (L − 1)/2: the exercise says n = L/2, the middle of a periodic window.",
         length(crest=lambda L: (L - 1) / 2)),
        ("the tones are in phase at L//2: for odd L the middle n = L/2 lies between two samples.",
         length(crest=lambda L: L // 2)),
        ("the tones are sines: with cosines both are at their crest in the middle.", length(waves="sin")),
        ("the tones are complex exponentials: a cosine has a mirror image at −f, which leaks as well.",
         length(waves="exp")),
        ("the factor is 10: 20·log10 of a ratio of amplitudes.", length(factor=10.0)),
        ("the middle was compared with the stronger tone: both must stand out, so take the weaker.",
         length(combine=np.maximum)),
        ("the middle was compared with the mean of the two tones: both must stand out, so take the weaker.",
         length(combine=lambda a, b: (a + b) / 2)),
        ("the middle was compared with the tone at `low` only: take the weaker of the two.",
         length(combine=lambda a, b: a)),
        ("the middle was compared with the tone at `high` only: take the weaker of the two.",
         length(combine=lambda a, b: b)),
        ("the middle was taken at √(low·high): it is (low + high)/2.", length(geometric=True)),
        ("half of the power is 3.01 dB: the exercise says 3 dB.", resolving_length(right, dip_db=10 * math.log10(2))),
        ("the search went down from `longest` and stopped at the first failure: a shorter frame may part them again.",
         downwards(right)),
        ("it was found by bisection: a longer frame does not always part what a shorter one parts, so try every L.",
         bisected(right)),
        ("only even lengths were tried: try every L.", resolving_length(right, step=2)),
    ]
    pairs += [(f"lengths below {L} were left out: try every L from 1 on.", resolving_length(right, first=L))
              for L in (8, 10, 16, 32)]
    if name == "hann":
        pairs.append(("a symmetric Hann window of two samples is all zeros, and 0 ≤ 0 passes as a dip: the window is "
                      "the periodic one.", 2))
    if want:
        pairs += [
            ("it is one too small.", want - 1),
            ("it is one too large: a dip of 3 dB is enough.", want + 1),
            ("lengths were doubled: try every L.", 2 ** math.ceil(math.log2(want))),
            ("it is 0, but a length up to `longest` does part them.", 0),
        ]
    else:
        pairs += [
            ("no length up to `longest` parts them: return 0.", longest),
            ("a length above `longest` was tried: `longest` is the last one.", longest + 1),
            ("no length up to `longest` parts them: return 0, not −1.", -1),
        ]
    return _shared(pairs, want)


def _shared(pairs: list[tuple[str, int]], want: int) -> dict:
    """Sentence → value, with the sentences of one wrong value joined to one."""
    by_value: dict[int, list[str]] = {}
    for sentence, value in pairs:
        if value != want and sentence not in by_value.setdefault(value, []):
            by_value[value].append(sentence)
    return {
        found[0] if len(found) == 1 else "each of these mistakes gives this length:\n" + "\n".join(
            f"- {sentence}" for sentence in found) + "\n": value
        for value, found in by_value.items()
    }


def fft(x: Tensor) -> dict:
    """Sentence → value."""
    size = x.shape[-1]
    table = {k: v for k, v in dft(x, False).items() if "counts from" not in k}
    if size == 1:
        return table

    def recursive(a: np.ndarray, **mistake) -> np.ndarray:
        length = a.shape[-1]
        if length == 1:
            return a.astype(complex)
        even, odd = recursive(a[..., ::2], **mistake), recursive(a[..., 1::2], **mistake)
        if mistake.get("halves"):
            even, odd = recursive(a[..., : length // 2], **mistake), recursive(a[..., length // 2 :], **mistake)
        period = length // 2 if mistake.get("period") else length
        period = 2 * length if mistake.get("pi") else period
        twiddle = 1.0 if mistake.get("none") else np.exp(-2j * np.pi * np.arange(length // 2) / period)
        if mistake.get("swapped"):
            even, odd = odd, even
        top, bottom = even + twiddle * odd, even - twiddle * odd
        if mistake.get("early"):
            top, bottom = even + odd, twiddle * (even - odd)
        if mistake.get("interleaved"):
            return np.stack([top, bottom], axis=-1).reshape(a.shape)
        return np.concatenate([top, top if mistake.get("plus") else bottom], axis=-1)

    a = _wide(x)
    return table | {
        "the samples were split into halves: radix 2 in time takes the even and the odd ones.":
            recursive(a, halves=True),
        "the twiddle factor is e^{−2πik/N} with the length N of the joined DFT, not of its halves.":
            recursive(a, period=True),
        "the 2 of 2π is missing in the twiddle factor e^{−2πik/N}.": recursive(a, pi=True),
        "the twiddle factors are missing.": recursive(a, none=True),
        "even and odd samples are swapped: the odd ones carry the twiddle factor.": recursive(a, swapped=True),
        "the second half has a minus: E[k] − e^{−2πik/N} O[k].": recursive(a, plus=True),
        "the two halves were interleaved: first all E + tO, then all E − tO.": recursive(a, interleaved=True),
        "the twiddle factor was applied to the difference: that is decimation in frequency, with the halves split.":
            recursive(a, early=True),
    }

"""What usual mistakes in unit 02_stft would give: tables for `mistakes=` of the comparisons, computed when needed."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import pad

from course_lib.checks.stft import oracle
from course_lib.signal import window

OTHER_WINDOWS = ("hamming", "sqrt_hann", "blackman", "bartlett")


def stft(x: Tensor, n_fft: int, hop: int) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    want, half, w = oracle.stft(x, n_fft, hop), n_fft // 2, oracle.hann(n_fft)
    bins, frames = want.shape[-2:]
    k = torch.arange(bins)[:, None]
    from_start = torch.exp(-2j * math.pi / n_fft * k * (torch.arange(frames) * hop - half))
    from_middle = torch.exp(2j * math.pi / n_fft * k * half)

    def padded(before: int, after: int, mode: str = "constant") -> Tensor:
        flat = x.double().reshape(-1, x.shape[-1])
        y = pad(flat, (before, after), mode=mode).reshape(*x.shape[:-1], -1)
        return pad(y, (0, max(0, n_fft - y.shape[-1])))

    def cut(y: Tensor) -> Tensor:
        return torch.fft.rfft(y.unfold(-1, n_fft, hop) * w).mT

    table = {
        "the window is the symmetric one, cos(2πn/(L−1)): frames that overlap need the periodic one, cos(2πn/L).":
            oracle.stft(x, n_fft, hop, window=torch.hann_window(n_fft, periodic=False)),
        "the window was not applied.": oracle.stft(x, n_fft, hop, window=torch.ones(n_fft)),
        "the window was applied twice.": oracle.stft(x, n_fft, hop, window=w**2),
        "the last frame is missing: there are 1 + (padded samples − n_fft) // hop frames.": want[..., :-1],
        "the first frame is missing.": want[..., 1:],
        "the phase counts from sample 0 of the signal, the other convention of section 2; here it counts from the "
        "start of each frame.": want * from_start,
        "the phase counts from the middle of each frame (was the frame rotated, fftshift?); here it counts from its "
        "start.": want * from_middle,
        "bins and frames are swapped: the shape is (…, bins, frames).": want.mT,
        "all n_fft bins are there: a real signal needs the first n_fft//2 + 1 only (rfft).":
            torch.fft.fft(padded(half, half).unfold(-1, n_fft, hop) * w).mT,
        "every frame starts n_fft samples after the last: frames start every `hop` samples.":
            oracle.stft(x, n_fft, n_fft),
        "the signal was not padded: the first frame is centred on sample 0, so n_fft//2 zeros go before it and after "
        "the end.": cut(padded(0, 0)),
        "zeros were added at the start only: n_fft//2 go at both ends.": cut(padded(half, 0)),
        "zeros were added at the end only: n_fft//2 go at both ends.": cut(padded(0, half)),
        "n_fft zeros were added at both ends: n_fft//2 are asked for.": cut(padded(n_fft, n_fft)),
        "n_fft − hop zeros were added at both ends: n_fft//2 are asked for.": cut(padded(n_fft - hop, n_fft - hop)),
        "one zero too many at the end: n_fft//2 at both ends, also for an odd n_fft.": cut(padded(half, half + 1)),
        "one zero too many at the start: n_fft//2 at both ends, also for an odd n_fft.": cut(padded(half + 1, half)),
        "the ends were padded by repeating the outermost sample: the card asks for zeros.":
            cut(padded(half, half, "replicate")),
    }
    if x.shape[-1] > half:
        table["the ends were padded by reflection: the card asks for zeros."] = cut(padded(half, half, "reflect"))
    return table | {
        f"the window is the {name} window: the card asks for Hann.":
            oracle.stft(x, n_fft, hop, window=window(name, n_fft, dtype=torch.float64)) for name in OTHER_WINDOWS
    }


def decibels(X: Tensor, floor: float) -> dict:
    """Sentence → value."""
    exact = X.abs().double()
    real = X.real.double().clamp(min=1e-300)
    level, absolute = 20 * torch.log10(exact / exact.max()), 20 * torch.log10(exact)
    return {
        "the factor is 10: 20·log10 for a magnitude, 10·log10 for a power.": (level / 2).clamp(min=floor),
        "it is the level of the squared magnitude: 10·log10|X|² or 20·log10|X|, not both.":
            (2 * level).clamp(min=floor),
        "it is the natural logarithm: decibels need log10.": (level * math.log(10)).clamp(min=floor),
        "0 dB is a magnitude of 1: the card asks for the largest magnitude as the reference.":
            absolute.clamp(min=floor),
        "the floor was not applied.": level,
        "the floor is always -80 dB: use the argument `floor`.": level.clamp(min=-80.0),
        "0 dB is the largest value of each frame: take the maximum over the whole spectrogram.":
            (20 * torch.log10(exact / exact.amax(0))).clamp(min=floor),
        "the floor counts from a magnitude of 1: it is relative to the largest magnitude.":
            absolute.clamp(min=floor) - absolute.max(),
        "it is the level of the real part: the magnitude of a complex number is X.abs().":
            (20 * torch.log10(real / real.max())).clamp(min=floor),
        "the reference is the smallest magnitude.": (20 * torch.log10(exact / exact.min())).clamp(min=floor),
    }


def overlap_ripple(w: np.ndarray, hop: int) -> dict:
    """Sentence → value."""
    length = len(w)
    sums = np.array([w[start::hop].sum() for start in range(hop)])
    low, high = sums.min(), sums.max()
    last = np.zeros(hop)
    last[np.arange(length) % hop] += w  # each position keeps one of its values: what `+=` does to repeated indices
    table = {
        "it is max − min, not yet divided by the maximum.": high - low,
        "it was divided by the mean, the card divides by the maximum.": (high - low) / sums.mean(),
        "it was divided by maximum + minimum, the card divides by the maximum.": (high - low) / (high + low),
        "it is in percent: the card asks for a ratio.": 100 * (high - low) / high,
        "it is a standard deviation: the card asks for (max − min)/max.": sums.std() / sums.mean(),
        "the window was squared: COLA is about the sum of the window itself.": oracle.overlap_ripple(w * w, hop),
        "positions that are hit twice were counted once: `total[indices] += …` adds each index only once. Use a loop, "
        "or torch's index_add_.": np.ptp(last) / last.max(),
        "windows reach over more than two hops: every copy that touches the hop counts, not only neighbours.":
            _ripple(_rows(w, hop, 2).sum(0)),
    }
    if hop < length:
        table["hop is off by one."] = oracle.overlap_ripple(w, hop + 1)
        table["it is min/max: the ripple is 0 for a constant sum, (max − min)/max."] = low / high
    if low > 0:
        table["it was divided by the minimum, the card divides by the maximum."] = (high - low) / low
    if length >= hop and length % hop:
        whole = w[: length // hop * hop].reshape(-1, hop)
        table["the tail of the window, what is left after whole hops, was dropped."] = _ripple(whole.sum(0))
    if hop >= length:
        table["hop = length was taken as a gap: copies that touch leave none."] = 1.0
        table["positions that no window reaches must count, as zeros."] = np.ptp(w) / w.max()
    table["the ends were counted: there the sum still rises or falls. Look at one hop in the middle."] = (
        oracle.ramp_ripple(w, hop, 4 * (length // hop) + 8)
    )
    return table


def istft(X: Tensor, n_fft: int, hop: int, length: int) -> dict:
    """Sentence → value."""
    def add(**choices) -> Tensor:
        given = {"synthesis": True, "divide": "w2", "center": n_fft // 2, "length": length} | choices
        return oracle.overlap_add(X, n_fft, hop, **given)

    w = oracle.hann(n_fft)
    whole = (X.shape[-1] - 1) * hop + n_fft - n_fft // 2
    table = {
        "the sum of the squared windows was not divided out.": add(divide="none"),
        "it was divided by one number, the mean of the overlapped w²: that is right in the middle only, and only where "
        "the sum is constant.": add(divide="none") * hop / (w * w).sum(),
        "frames were added without the window and without dividing: overlapping frames count several times.":
            add(synthesis=False, divide="none"),
        "the synthesis window is missing: least squares multiplies each frame by the window again, then divides by "
        "the overlapped w².": add(synthesis=False, divide="w"),
        "the synthesis window is missing: the frames were added as they are and divided by the overlapped w².":
            add(synthesis=False),
        "it was divided by the overlapped w: frames carry the window twice (analysis and synthesis), so divide by "
        "the overlapped w².": add(divide="w"),
        "the synthesis window is the symmetric one: the STFT was made with the periodic Hann window.":
            add(window=torch.hann_window(n_fft, periodic=False, dtype=torch.float64)),
        "the padding at the start is still there: drop the first n_fft//2 samples.": add(center=0),
        "the start is one sample off: drop n_fft//2 samples.": add(center=n_fft // 2 + 1),
        "n_fft samples were dropped at the start: the padding there is n_fft//2.": add(center=n_fft),
        "a small number was added to the weight before dividing: where the squared window is small, that changes the "
        "signal.": add(epsilon=1e-6),
        "frames overwrite each other: add them with `+=`.": add(overwrite=True),
        "the end is still there: cut to `length` samples.": add(length=whole),
        "the phases are conjugated, so each frame runs backwards: check the sign in the exponent.":
            oracle.istft(X.conj(), n_fft, hop, length),
    }
    if n_fft % 2 and hop <= (n_fft - 1) // 2:
        name = "irfft made frames of n_fft − 1 samples: 513 bins may come from 1024 or 1025 samples, so pass n=n_fft."
        table[name] = oracle.istft(X, n_fft - 1, hop, length)
    return table


def griffin_lim(magnitude: Tensor, phase: Tensor, hop: int, iterations: int, steps: list[Tensor]) -> dict:
    """Sentence → value; `steps` are the right signals after 0 … iterations + 1 iterations."""
    loop = oracle.griffin_lim
    table = {
        "it is one iteration too many: with iterations=0 the answer is the inverse STFT with the starting phase.":
            steps[iterations + 1],
        "the magnitude was squared: the target is |X|, not the power.": loop(magnitude**2, phase, hop, iterations)[-1],
        "the starting phase is not used.": loop(magnitude, 0 * phase, hop, iterations)[-1],
        "the starting phase has the wrong sign: e^{+i·phase}.": loop(magnitude, -phase, hop, iterations)[-1],
    }
    if not iterations:
        return table
    return {
        "nothing changes from one iteration to the next. Either the new phase is never used, or the magnitude of "
        "the estimate was kept: each iteration must put the TARGET magnitude back and keep only the phase.": steps[0],
        "it is one iteration too few.": steps[iterations - 1],
        "the magnitude of the estimate was multiplied in: keep its phase only, X/|X|.":
            loop(magnitude, phase, hop, iterations, keep=True)[-1],
        "it has momentum: this exercise is the plain algorithm of 1984.":
            loop(magnitude, phase, hop, iterations, momentum=0.99)[-1],
        "every iteration begins anew: the next one takes the phase of the signal that the last one gave.": steps[1],
    } | table


def _rows(w: np.ndarray, hop: int, count: int) -> np.ndarray:
    """The first `count` pieces of one hop each, zeros after the end."""
    return np.concatenate([w, np.zeros(max(count * hop - len(w), 0))])[: count * hop].reshape(count, hop)


def _ripple(total: np.ndarray) -> float:
    return float(np.ptp(total) / total.max()) if total.max() > 0 else 0.0

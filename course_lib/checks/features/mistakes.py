"""What usual mistakes in unit 04_features would give: tables for `mistakes=`, computed when needed."""

import math
from itertools import pairwise

import numpy as np
import scipy.fft

from course_lib.checks.features import oracle


def zero_crossing_rate(x: np.ndarray, length: int, hop: int) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`; x may hold −0.0."""
    want, frames = oracle.zero_crossing_rate(x, length, hop), oracle.framed(x, length, hop)
    step = np.abs(np.diff(np.sign(frames), axis=-1))

    def changes(negative: np.ndarray) -> np.ndarray:
        return (negative[..., 1:] != negative[..., :-1]).sum(-1)

    positive_too = changes(frames <= 0)
    half = np.pad(x, [(0, 0)] * (x.ndim - 1) + [(length // 2, length // 2)])
    return {
        "these are counts: divide by the number of pairs, length − 1.": want * (length - 1),
        "each crossing counts twice: |sign − sign| is 2, as in the lecture's formula. A share lies between 0 and 1.":
            2 * want,
        "each crossing counts twice, since |sign − sign| is 2, and the sign of 0 is 0: count 0 as positive.":
            step.mean(-1),
        "the sign of 0 is 0, so a zero sample counts half on each side: count 0 as positive.": step.mean(-1) / 2,
        "a zero sample counts as two changes: torch.sign has three values, and 0 counts as positive.":
            (step > 0).mean(-1),
        "−0.0 counts as negative, as it does for `signbit`: the card counts 0 as positive, whatever its sign bit.":
            changes(np.signbit(frames)) / (length - 1),
        "0 counts as negative: the card counts it as positive.": positive_too / (length - 1),
        "a crossing through a sample that is exactly 0 is missed: the product of its neighbours with it is 0, not "
        "negative.": (frames[..., 1:] * frames[..., :-1] < 0).mean(-1),
        "it was divided by length: a frame of `length` samples has length − 1 pairs.": want * (length - 1) / length,
        "only crossings in one direction count: up and down both do.":
            ((frames[..., 1:] >= 0) & (frames[..., :-1] < 0)).mean(-1),
        "only crossings in one direction count: up and down both do. ":
            ((frames[..., 1:] < 0) & (frames[..., :-1] >= 0)).mean(-1),
        "the pair across the edge of two frames is counted: take pairs inside a frame.":
            _across(x, length, hop),
        "the pair before the first sample of the frame is counted as well: take pairs inside a frame.":
            _before(x, length, hop),
        "the frames are centred on multiples of hop, with padding: here frame m begins at sample m·hop.":
            oracle.zero_crossing_rate(half, length, hop),
        "the mean of each frame was subtracted first.":
            changes(frames - frames.mean(-1, keepdims=True) < 0) / (length - 1),
        "the last frame is missing: frames = 1 + (samples − length) // hop.": want[..., :-1],
        "it is one rate for the whole signal: give one per frame.": want.mean(-1),
    }


def _across(x: np.ndarray, length: int, hop: int) -> np.ndarray:
    """Changes first, frames of `length` changes after: one pair too many."""
    changes = ((x[..., 1:] < 0) != (x[..., :-1] < 0)).astype(float)
    if changes.shape[-1] < length:
        return np.zeros(0)
    return oracle.framed(changes, length, hop).mean(-1)


def _before(x: np.ndarray, length: int, hop: int) -> np.ndarray:
    """Changes first, one per sample, frames of them after, over length − 1."""
    changes = np.diff((x < 0).astype(float), axis=-1, prepend=(x[..., :1] < 0)) != 0
    return oracle.framed(changes.astype(float), length, hop).sum(-1) / (length - 1)


def fant(value: np.ndarray, inverse: bool) -> dict:
    """Sentence → value."""
    ln2 = math.log(2)
    with np.errstate(all="ignore"):
        if inverse:
            return {
                "`inverse` was ignored: it is the mel of the input.": oracle.to_mel(value, "fant"),
                "the −1 is missing: 0 mel is 0 Hz.": 1000 * np.exp2(value / 1000),
                "ln 2 is missing: the exponent is mel · ln 2 / 1000.": 1000 * np.expm1(value / 1000),
                "the exponent was divided by ln 2: it is mel · ln 2 / 1000.": 1000 * np.expm1(value / 1000 / ln2),
                "the power is one of ten: the scale is made of natural logarithms over ln 2, so the base is 2.":
                    1000 * (10 ** (value / 1000) - 1),
                "it is the inverse of HTK's scale: the card asks for Fant's.": oracle.to_hz(value, "htk"),
                "it is the inverse of Slaney's scale: the card asks for Fant's.": oracle.to_hz(value, "slaney"),
                "it is in kilohertz: the corner of the scale is 1000 Hz.": np.exp2(value / 1000) - 1,
                "it is one divided by the mel: the inverse function is asked for.":
                    1 / oracle.to_mel(value, "fant"),
            }
        return {
            "it is HTK's scale, 2595 log10(1 + f/700): the card asks for Fant's.": oracle.to_mel(value, "htk"),
            "it is Slaney's scale: the card asks for Fant's.": oracle.to_mel(value, "slaney"),
            "ln 2 is missing: 1000 Hz should be 1000 mel.": 1000 * np.log1p(value / 1000),
            "it was multiplied by ln 2: divide by it, so that 1000 Hz is 1000 mel.":
                1000 * ln2 * np.log1p(value / 1000),
            "the logarithm is to base 10: 1000 Hz should be 1000 mel.": 1000 / ln2 * np.log10(1 + value / 1000),
            "it is 1000 log10(1 + f/1000): divide by log10(2), so that 1000 Hz is 1000 mel.":
                1000 * np.log10(1 + value / 1000),
            "the 1 + is missing: 0 Hz would be −∞ mel.": 1000 / ln2 * np.log(value / 1000),
            "base 2 and the division by ln 2 are the same thing twice: 1000 log2(1 + f/1000).":
                1000 / ln2 * np.log2(1 + value / 1000),
            "the corner is 700 Hz: in Fant's scale it is 1000 Hz.": 1000 / ln2 * np.log1p(value / 700),
            "the factor 1000 is missing.": np.log2(1 + value / 1000),
            "`inverse` was taken the wrong way round: it is False by default.": oracle.to_hz(value, "fant"),
        }


def mel_filterbank(n_mels: int, n_fft: int, sr: float, f_min: float, f_max: float, scale: str) -> dict:
    """Sentence → value."""
    bins, points = oracle.bin_frequencies(n_fft, sr), oracle.edges(n_mels, f_min, f_max, scale)
    want = oracle.triangles(points, bins)
    left, centre, right = points[:-2, None], points[1:-1, None], points[2:, None]
    rising, falling = (bins - left) / (centre - left), (right - bins) / (right - centre)
    mel_points = oracle.to_mel(points, scale)
    sums, peaks = want.sum(1, keepdims=True), want.max(1, keepdims=True)
    rounded = [indices * sr / n_fft for indices in (
        np.floor((n_fft + 1) * points / sr), np.round(points * n_fft / sr), np.floor(points * n_fft / sr))]
    few = [oracle.edges(n_mels - less, f_min, f_max, scale) if n_mels > less else points for less in (1, 2)]
    table = {
        "the filters are equally far apart in hertz: space their edges equally in mel.":
            oracle.triangles(np.linspace(f_min, f_max, n_mels + 2), bins),
        "the triangles are straight in mel: the card asks for straight lines in hertz.":
            oracle.triangles(mel_points, oracle.to_mel(bins, scale)),
        **{f"the edges were rounded to bins ({how}): keep them as they are.":
           oracle.triangles(edges, bins) if np.diff(edges).min() > 0 else want
           for how, edges in zip(("as in HTK's older recipes", "to the nearest", "downwards"), rounded, strict=True)},
        "these are n_mels points, the first filter has its top at f_min and the last at f_max: M filters need M + 2 "
        "points, the outer two are the feet of the outer filters.":
            oracle.triangles(np.r_[few[1][0] - 1e-3, few[1], few[1][-1] + 1e-3], bins) if n_mels > 2 else want,
        "there are n_mels points: M filters need M + 2.": oracle.triangles(few[1], bins),
        "there are n_mels + 1 points: M filters need M + 2.": oracle.triangles(few[0], bins),
        "f_min and f_max were cut to whole numbers: leave them real.":
            oracle.mel_filterbank(n_mels, n_fft, sr, float(int(f_min)), float(int(f_max)), scale),
        "negative values are there: limit the triangles below at 0.": np.minimum(rising, falling),
        "it is the larger of the two slopes: a triangle is the smaller one.":
            np.maximum(np.maximum(rising, falling), 0),
        "each filter was divided by half its width in hertz (norm='slaney'): the card asks for height 1.":
            want * 2 / (right - left),
        "each filter was divided by its sum: the card asks for height 1.": want / np.where(sums > 0, sums, 1),
        "each filter was divided by its largest value on the bins: the top of a triangle may lie between two bins.":
            want / np.where(peaks > 0, peaks, 1),
        "it is transposed (torchaudio's order): one filter per row is asked for.": want.T,
        "f_min is ignored: the first filter begins there.":
            oracle.mel_filterbank(n_mels, n_fft, sr, 0.0, f_max, scale),
        "f_max is ignored: the last filter ends there.":
            oracle.mel_filterbank(n_mels, n_fft, sr, f_min, sr / 2, scale),
        "f_min and f_max are ignored.": oracle.mel_filterbank(n_mels, n_fft, sr, 0.0, sr / 2, scale),
        "bin k lies at k·sr/n_fft; here the bins were spread from 0 to sr, or sr/2, another way.":
            oracle.triangles(points, np.linspace(0, sr / 2, len(bins))),
        "bin k lies at k·sr/n_fft, so the last one is near sr/2: here it is at sr.": oracle.triangles(points, 2 * bins),
        "the filters do not overlap: each reaches from the centre of the one below to the centre of the one above.":
            _side_by_side(n_mels, f_min, f_max, scale, bins),
        "the bands are rectangles: the card asks for triangles.": ((bins > left) & (bins < right)).astype(float),
        "there are too many bins: n_fft//2 + 1.": oracle.triangles(points, np.arange(n_fft) * sr / n_fft),
    }
    for other in {"fant", "htk", "slaney"} - {scale}:
        table[f"it is made with the scale {other!r}, not with {scale!r}: pass `scale` on, both ways."] = (
            oracle.mel_filterbank(n_mels, n_fft, sr, f_min, f_max, other)
        )
    return table


def _side_by_side(n_mels: int, f_min: float, f_max: float, scale: str, bins: np.ndarray) -> np.ndarray:
    points = oracle.edges(n_mels - 1, f_min, f_max, scale)
    return np.stack([
        np.interp(bins, [a, (a + b) / 2, b], [0.0, 1.0, 0.0]) for a, b in pairwise(points)
    ])


def mfcc(x: np.ndarray, sr: float, n_mfcc: int, n_mels: int, n_fft: int, hop: int) -> dict:
    """Sentence → value."""
    S, ln10 = oracle.power_spectrogram(x, n_fft, hop), math.log(10)
    logs = oracle.log_bands(S, n_mels, n_fft, sr)
    bank = oracle.mel_filterbank(n_mels, n_fft, sr, 0.0, sr / 2, "htk")
    points = oracle.edges(n_mels, 0.0, sr / 2, "htk")

    def kept(bands: np.ndarray, **options) -> np.ndarray:
        return scipy.fft.dct(bands, **({"type": 2, "norm": "ortho", "axis": -2} | options))[..., :n_mfcc, :]

    want = kept(logs)
    lift = 1 + 11 * np.sin(np.pi * np.arange(n_mfcc) / 22)
    table = {
        "the magnitude went into the bank: the card asks for the power |X|².":
            kept(np.log(bank @ np.sqrt(S) + 1e-6)),
        "the magnitude went into the bank, and the bands were squared after it: the card asks for the power |X|².":
            kept(np.log((bank @ np.sqrt(S)) ** 2 + 1e-6)),
        "the logarithm is to base 10: the card asks for the natural one.": want / ln10,
        "the bands are in decibels: the card asks for the natural logarithm.": 10 * want / ln10,
        "the DCT is missing: these are the first rows of the log-mel spectrogram.": logs[..., :n_mfcc, :],
        "the DCT runs along the frames: it runs along the bands.":
            scipy.fft.dct(logs, norm="ortho", axis=-1)[..., :n_mfcc, :],
        "the DCT is not orthonormal: row 0 has the factor √(1/n), the others √(2/n).": kept(logs, norm=None),
        "the DCT is not orthonormal: the sum has no factor, yet row 0 needs √(1/n) and the others √(2/n).":
            kept(logs, norm=None) / 2,
        "row 0 of the DCT has the factor √(2/n) of the others: it is √(1/n) there.": _first_row(want, math.sqrt(2)),
        "it is a DCT of type 1: type 2 has (i + ½) in its cosine.": kept(logs, type=1),
        "it is a DCT of type 3, the inverse: the roles of i and k are swapped.": kept(logs, type=3),
        "the ½ is missing in the cosine: (i + ½).": _no_half(logs, n_mfcc),
        "n_mfcc stands where n_mels belongs, in the cosine: it runs over the n_mels bands.":
            _cosines(n_mels, n_mfcc, over=n_mfcc) @ logs,
        "n_mfcc stands where n_mels belongs, in the factors √(1/n) and √(2/n): the DCT runs over the n_mels bands.":
            want * math.sqrt(n_mels / n_mfcc),
        "n_mfcc stands where n_mels belongs, in the cosine and in the factors: the DCT runs over the n_mels bands.":
            _cosines(n_mels, n_mfcc, over=n_mfcc) @ logs * math.sqrt(n_mels / n_mfcc),
        "the bank has n_mfcc filters: it has n_mels, and the DCT keeps the first n_mfcc coefficients.":
            scipy.fft.dct(oracle.log_bands(S, n_mfcc, n_fft, sr), norm="ortho", axis=-2),
        "the DCT was taken of the first n_mfcc bands only: take it of all n_mels, and keep the first n_mfcc "
        "coefficients.": scipy.fft.dct(logs[..., :n_mfcc, :], norm="ortho", axis=-2),
        "the first coefficient was dropped: keep it, and n_mfcc in all.":
            scipy.fft.dct(logs, norm="ortho", axis=-2)[..., 1 : n_mfcc + 1, :],
        "the last coefficients were kept: keep the first ones.":
            scipy.fft.dct(logs, norm="ortho", axis=-2)[..., n_mels - n_mfcc :, :],
        "the logarithm came before the filterbank: first sum the power in each band.":
            kept(bank @ np.log(S + 1e-6)),
        "the offset 1e-6 is missing: ln(band + 1e-6), so that silence is finite.":
            kept(np.log(np.maximum(bank @ S, 1e-30))),
        "the offset limits the bands below: add it, ln(band + 1e-6).":
            kept(np.log(np.maximum(bank @ S, 1e-6))),
        "it is log(1 + 100 x): the card asks for ln(x + 1e-6).": kept(np.log1p(100 * (bank @ S))),
        "it is log(1 + x): the card asks for ln(x + 1e-6).": kept(np.log1p(bank @ S)),
        "the filters have area 1 (norm='slaney'): the card asks for height 1.":
            kept(np.log(bank * (2 / (points[2:] - points[:-2]))[:, None] @ S + 1e-6)),
        "the coefficients were liftered (weighted) as in HTK: leave them.": want * lift[:, None],
        "frames come before coefficients: swap the last two axes.": np.swapaxes(want, -1, -2),
    }
    for fixed in (16000.0, 22050.0, 44100.0):
        table[f"the bank was made for {fixed:g} Hz whatever `sr` is: pass `sr` on."] = (
            kept(np.log(oracle.mel_filterbank(n_mels, n_fft, fixed, 0.0, fixed / 2, "htk") @ S + 1e-6)))
    for scale in ("slaney", "fant"):
        table[f"the bank was made with the scale {scale!r}: the card asks for 'htk'."] = kept(
            oracle.log_bands(S, n_mels, n_fft, sr, scale)
        )
    return table


def _first_row(coefficients: np.ndarray, factor: float) -> np.ndarray:
    changed = coefficients.copy()
    changed[..., 0, :] *= factor
    return changed


def _cosines(n_mels: int, kept: int, *, over: int) -> np.ndarray:
    """(kept, n_mels): the rows of the DCT with `over` for n_mels inside the cosine."""
    rows = math.sqrt(2 / n_mels) * np.cos(np.pi * np.arange(kept)[:, None] * (np.arange(n_mels) + 0.5) / over)
    rows[0] /= math.sqrt(2)
    return rows


def _no_half(logs: np.ndarray, kept: int) -> np.ndarray:
    n = logs.shape[-2]
    matrix = math.sqrt(2 / n) * np.cos(np.pi / n * np.arange(n) * np.arange(kept)[:, None])
    matrix[0] /= math.sqrt(2)
    return matrix @ logs

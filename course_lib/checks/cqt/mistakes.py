"""What usual mistakes in unit 03_cqt would give: tables for `mistakes=` of the comparisons, computed when needed."""

import math

import numpy as np

from course_lib.checks.cqt import oracle


def window_lengths(midi: np.ndarray, sr: float, bins_per_octave: int, cw: float) -> dict:
    """Sentence → value, see `course_lib.checks.core.compare.Mistakes`."""
    want = oracle.window_lengths(midi, sr, bins_per_octave, cw)
    step = 2 ** (1 / bins_per_octave)
    q, f = 1 / (step - 1), 440 * 2 ** ((midi - 69) / 12)
    return {
        "the factor Cw is missing: L = Q·Cw·sr/f.": want / cw,
        "it was divided by Cw: a window with a wider main lobe must be longer.": want / cw**2,
        "it is in seconds: multiply by sr to get samples.": want / sr,
        "it is in milliseconds: the card asks for samples.": 1000 * want / sr,
        "the lengths are rounded: the card asks for real numbers.": np.round(want),
        "the lengths are rounded up: the card asks for real numbers.": np.ceil(want),
        "the lengths are cut to integers: the card asks for real numbers.": np.floor(want),
        "Q looks at the bin below: Q is f_k over the distance to the next bin ABOVE, 1/(2^(1/B) − 1).":
            want / q / (1 - 1 / step),
        "Q looks at both neighbours, as librosa's does; here Q = 1/(2^(1/B) − 1).":
            want / q * (step**2 + 1) / (step**2 - 1),
        "Q looks at both neighbours, half of the distance between them; here only at the one above, "
        "Q = 1/(2^(1/B) − 1).": want / q * 2 / (step - 1 / step),
        "the − 1 is missing in Q = 1/(2^(1/B) − 1): the distance to the next bin is f·2^(1/B) − f.": want / q / step,
        "Q is 2^(1/B), the ratio of two neighbours: Q = f_k/(f_(k+1) − f_k) = 1/(2^(1/B) − 1).": want / q * step,
        "Q is 2^(1/B) − 1, the bandwidth over the frequency: its inverse is Q.": want / q**2,
        "Q is that of 12 bins per octave: use the argument `bins_per_octave`.":
            oracle.window_lengths(midi, sr, 12, cw),
        "MIDI 69 is not at 440 Hz: is 60 in your formula? A4 is MIDI 69.": want * 2 ** (-9 / 12),
        "MIDI 69 is not at 440 Hz: is 57 in your formula? A4 is MIDI 69 (57 is A3).": want / 2,
        "MIDI numbers count from A4 = 69: the 69 is missing.": want * 2 ** (-69 / 12),
        "MIDI numbers count semitones, 12 to the octave, whatever `bins_per_octave` is.":
            q * cw * sr / (440 * 2 ** ((midi - 69) / bins_per_octave)),
        "the MIDI numbers were taken as frequencies: f = 440·2^((m − 69)/12).": q * cw * sr / np.maximum(midi, 1e-9),
        "f and sr are swapped: low notes need LONG windows, L = Q·Cw·sr/f.": q * cw * f / sr,
        "it is the bandwidth sr/L in Hz, not the length L.": sr / want,
        "the power is base e: an octave is a factor of 2, f = 440·2^((m − 69)/12).":
            q * cw * sr / (440 * np.exp((midi - 69) / 12)),
    }


def kernel_bank(frequencies: np.ndarray, lengths: np.ndarray, sr: float, n_fft: int) -> dict:
    """Sentence → value."""
    def bank(**choices) -> np.ndarray:
        return oracle.kernel_bank(frequencies, lengths, sr, n_fft, **choices)

    want, t = bank(), np.arange(n_fft) - n_fft / 2
    whole = np.full_like(lengths, n_fft)
    left = np.concatenate([
        oracle.kernel_bank(f[None], length[None], sr, n_fft, middle=length / 2, origin=0.0)
        for f, length in zip(frequencies, lengths, strict=True)
    ])
    turn = np.exp(2j * np.pi * frequencies / sr * n_fft / 2)[:, None]
    return {
        "there is no window: multiply the sinusoid with the Hann window of its bin.": bank(lift=1.0),
        "the window is the Hamming window: the card asks for Hann.": bank(lift=0.54),
        "the kernels are not normalised: divide each by the sum of its window.": bank(norm="none"),
        "each kernel is divided by its length L, not by the sum of its window (about L/2).": bank(norm="length"),
        "each kernel has energy 1: the card asks for a window with sum 1.": bank(norm="energy"),
        "every kernel has a window as long as n_fft: each bin has its own length.":
            oracle.kernel_bank(frequencies, whole, sr, n_fft),
        "every kernel has the longest window: each bin has its own length.":
            oracle.kernel_bank(frequencies, np.full_like(lengths, lengths.max()), sr, n_fft),
        "the kernels begin at sample 0: the card centres them on n_fft/2.": left,
        "the phase is zero at sample 0: the card counts it from the middle, n_fft/2.": bank(origin=0.0),
        "the phase is zero where the window begins: the card counts it from the middle, n_fft/2.":
            want * np.exp(2j * np.pi * frequencies * lengths / 2 / sr)[:, None],
        "the middle is (n_fft − 1)/2: the card asks for n_fft/2.": bank(middle=(n_fft - 1) / 2, origin=(n_fft - 1) / 2),
        "the lengths were rounded: a window may last a real number of samples.":
            oracle.kernel_bank(frequencies, np.round(lengths), sr, n_fft),
        "the lengths were cut to integers: a window may last a real number of samples.":
            oracle.kernel_bank(frequencies, np.floor(lengths), sr, n_fft),
        "the window was applied twice.": _rescaled(want * np.abs(want)),
        "every kernel is divided by the sum of all windows: each has its own, `sum(-1, keepdim=True)`.":
            bank(norm="none") / np.abs(bank(norm="none")).sum(),
        "each kernel is divided by L/2: the sum of a window of a few samples is something else.":
            bank(norm="length") * 2,
        "the window lasts 2·L: it is zero from L/2 on, on either side.": _repeated(
            frequencies, lengths, sr, n_fft, reach=lengths),
        "the window is upside down: with n counted from the middle it is ½ + ½·cos.": _rescaled(
            np.where(want, bank(lift=1.0, norm="none") - bank(norm="none"), 0)),
        "only the cosine is there: the kernels are complex, e^(iφ) = cos φ + i·sin φ.": want.real + 0j,
        "the kernels are conjugated: the card asks for e^(+2πi f n/sr).": want.conj(),
        "2π is missing in the exponent.": np.abs(want) * np.exp(1j * np.outer(frequencies, t) / sr),
        "the frequency was not divided by sr.": np.abs(want) * np.exp(2j * np.pi * np.outer(frequencies, t)),
        "the cosine repeats outside of the window: there the kernel is zero.": _repeated(
            frequencies, lengths, sr, n_fft
        ),
        "the phase is zero at sample 0, and it runs backwards.": (bank() * turn).conj(),
    }


def spectral_kernels(kernels: np.ndarray, threshold: float) -> dict:
    """Sentence → value."""
    n_fft = kernels.shape[-1]
    spectra = np.conj(np.fft.fft(kernels, axis=-1)) / n_fft
    size = np.abs(spectra)
    top = size.max(-1, keepdims=True)

    def keep(mask: np.ndarray) -> np.ndarray:
        return np.where(mask, spectra, 0)

    def kept(part: np.ndarray) -> np.ndarray:
        return keep(part >= threshold * part.max(-1, keepdims=True))

    want = keep(size >= threshold * top)
    return {
        "entries that equal the limit were dropped: only what is *below* it goes, so at threshold 1 the largest of a "
        "row stays.": keep(size > threshold * top * (1 + 1e-12)),
        "the bins are shifted (fftshift): the card asks for all N bins in the order of the DFT.":
            np.fft.fftshift(want, -1),
        "the kernels were shifted before the DFT (ifftshift): that changes the signs of every other bin.": _threshold(
            np.conj(np.fft.fft(np.fft.ifftshift(kernels, -1), axis=-1)) / n_fft, threshold),
        "the negative frequencies were set to zero: the threshold alone decides.":
            np.where(np.arange(n_fft) > n_fft // 2, 0, want),
        "the spectra are not conjugated: Parseval's sum takes the conjugate of the kernel.": want.conj(),
        "the kernels were conjugated before the DFT, not after it: that reverses the frequencies.":
            np.conj(np.roll(want[:, ::-1], 1, -1)),
        "the factor 1/N of Parseval is missing.": want * n_fft,
        "the factor is 1/√N: Parseval's is 1/N for this DFT.": want * math.sqrt(n_fft),
        "nothing was set to zero: entries below threshold times the largest of their row are.": spectra,
        "the large entries were set to zero and the small ones kept.": keep(size < threshold * top),
        "the threshold was taken as an absolute number: it is relative to the largest magnitude of each row.":
            keep(size >= threshold),
        "the threshold was taken as an absolute number before the 1/N: it is relative to the largest of each row.":
            keep(size * n_fft >= threshold),
        "the threshold is relative to the largest entry of the matrix: take the largest of each row.":
            keep(size >= threshold * size.max()),
        "the threshold is relative to the largest of each column: rows are bins.":
            keep(size >= threshold * size.max(0)),
        "the threshold was applied to the power: it is about magnitudes.": keep(size**2 >= threshold * top**2),
        "the threshold was applied to the real part: it is about magnitudes.":
            keep(spectra.real >= threshold * top),
        "the real parts were compared with the largest real part: the threshold is about magnitudes, `S.abs()`.":
            kept(np.abs(spectra.real)),
        "the threshold was compared with real parts and their largest: it is about magnitudes, `S.abs()`.":
            kept(spectra.real),
        "the DFT runs over the bins: it runs over the samples, the last axis.": _threshold(
            np.conj(np.fft.fft(kernels, axis=0)) / n_fft, threshold
        ),
    }


def cqt(x: np.ndarray, spectral: np.ndarray, hop: int) -> dict:
    """Sentence → value."""
    n_fft = spectral.shape[-1]
    want = oracle.cqt(x, spectral, hop)
    table = {
        "the spectral kernels were conjugated again: they carry the conjugate already.":
            oracle.cqt(x, spectral.conj(), hop),
        "the result is conjugated: `.mH` conjugates as well as transposes, `.mT` only transposes.": want.conj(),
        "the frames were shifted (fftshift) before the DFT: the kernels count from the first sample of the frame.":
            np.swapaxes(np.fft.fft(np.fft.fftshift(oracle.frames(x, n_fft, hop), axes=-1)) @ spectral.T, -1, -2),
        "it was divided by n_fft: the spectral kernels carry the 1/N already.": want / n_fft,
        "the spectrum was normalised (1/√N): the spectral kernels carry the 1/N already.": want / math.sqrt(n_fft),
        "frames begin at m·hop: pad n_fft/2 zeros before the signal, so that frame m is centred on m·hop.":
            oracle.cqt(x, spectral, hop, before=0),
        "n_fft zeros were put before the signal: n_fft/2 are asked for.": oracle.cqt(x, spectral, hop, before=n_fft),
        "the start is one sample off: pad n_fft/2 zeros before the signal.":
            oracle.cqt(x, spectral, hop, before=n_fft // 2 - 1),
        "bins and frames are swapped: the shape is (…, bins, frames).": np.swapaxes(want, -1, -2),
        "frames start n_fft samples apart: they start every `hop` samples.": oracle.cqt(x, spectral, n_fft),
        "the last frame is missing: there are samples // hop + 1.": want[..., :-1],
        "the first frame is missing: it is centred on sample 0.": want[..., 1:],
        "a window was applied to the frames: the kernels carry their windows already.": _windowed(x, spectral, hop),
        "there are frames for every start that fits without zeros at the ends: pad n_fft/2 zeros at both ends.":
            _without_padding(x, spectral, hop),
        "the ends were padded by the outermost sample: the card asks for zeros.": _padded(x, spectral, hop, "edge"),
    }
    if x.ndim > 1:
        table["`.T` turns all axes round, the batch too: `.mT` swaps the last two."] = np.swapaxes(want, -1, -2).T
    if x.shape[-1] > n_fft // 2:
        table["the ends were padded by reflection: the card asks for zeros."] = _padded(x, spectral, hop, "reflect")
    return table


def _rescaled(bank: np.ndarray) -> np.ndarray:
    return bank / np.abs(bank).sum(-1, keepdims=True)


def _repeated(
    frequencies: np.ndarray, lengths: np.ndarray, sr: float, n_fft: int, reach: np.ndarray | None = None
) -> np.ndarray:
    t = np.arange(n_fft) - n_fft / 2
    w = 0.5 + 0.5 * np.cos(2 * np.pi * t / lengths[:, None])
    if reach is not None:
        w = w * (np.abs(t) < reach[:, None])
    return w / w.sum(-1, keepdims=True) * np.exp(2j * np.pi * np.outer(frequencies, t) / sr)


def _threshold(spectra: np.ndarray, threshold: float) -> np.ndarray:
    size = np.abs(spectra)
    return np.where(size >= threshold * size.max(-1, keepdims=True), spectra, 0)


def _windowed(x: np.ndarray, spectral: np.ndarray, hop: int) -> np.ndarray:
    n_fft = spectral.shape[-1]
    w = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    return np.swapaxes(np.fft.fft(w * oracle.frames(x, n_fft, hop)) @ spectral.T, -1, -2)


def _padded(x: np.ndarray, spectral: np.ndarray, hop: int, mode: str) -> np.ndarray:
    n_fft, samples = spectral.shape[-1], x.shape[-1]
    wide = np.pad(x.astype(np.float64), [(0, 0)] * (x.ndim - 1) + [(n_fft // 2, n_fft // 2)], mode=mode)
    starts = range(0, samples // hop * hop + 1, hop)
    cut = np.stack([wide[..., s : s + n_fft] for s in starts], -2)
    return np.swapaxes(np.fft.fft(cut) @ spectral.T, -1, -2)


def _without_padding(x: np.ndarray, spectral: np.ndarray, hop: int) -> np.ndarray:
    n_fft, samples = spectral.shape[-1], x.shape[-1]
    starts = range(0, max(samples - n_fft, 0) + 1, hop)
    wide = np.concatenate([x.astype(np.float64), np.zeros((*x.shape[:-1], max(n_fft - samples, 0)))], -1)
    cut = np.stack([wide[..., s : s + n_fft] for s in starts], -2)
    return np.swapaxes(np.fft.fft(cut) @ spectral.T, -1, -2)

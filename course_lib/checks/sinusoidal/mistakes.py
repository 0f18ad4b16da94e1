"""What usual mistakes in unit 06_sinusoidal would give: tables for `mistakes=`, computed when needed."""

import numpy as np

from course_lib.checks.sinusoidal import oracle


def peaks(amplitude: np.ndarray, sr: float, floor_db: float) -> tuple[dict, dict]:
    """Sentence → frequencies, and sentence → amplitudes."""
    amplitude = np.asarray(amplitude, np.float64)
    level = 20 * np.log10(np.maximum(amplitude, oracle.FLOOR))
    spacing = sr / 2 / (len(level) - 1)
    want = oracle.peaks(amplitude, sr, floor_db)
    k = np.array(oracle.peak_bins(level), int)

    def vertex(curve: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        left, middle, right = curve[k - 1], curve[k], curve[k + 1]
        at = 0.5 * (left - right) / (left - 2 * middle + right)
        return at, middle - 0.25 * (left - right) * at

    def kept(offset: np.ndarray, height: np.ndarray, floor: float = floor_db) -> np.ndarray:
        return ((k + offset) * spacing)[height > floor]

    (at, height), bins = vertex(level), level[k]
    linear, linear_height = vertex(amplitude)
    power, power_height = vertex(amplitude**2)
    keep, highest = height > floor_db, height.max(initial=-np.inf)
    finite = keep & (amplitude[k - 1] > 0) & (amplitude[k + 1] > 0)
    linear_db, power_db = _db(linear_height), _db(power_height) / 2
    missing_offset = bins - 0.25 * (level[k - 1] - level[k + 1])
    other_frequencies, other_amplitudes = _other_bins(level, spacing, floor_db)
    frequencies = {
        "these are the bins themselves: move each by the offset of its vertex.": k[keep] * spacing,
        "the offset has the wrong sign: the vertex lies towards the larger neighbour.": kept(-at, height),
        "the offset has the wrong sign, so the height is wrong too: the vertex lies towards the larger neighbour.":
            kept(-at, 2 * bins - height),
        "the offset is twice too large: (left − right) / (2·(left − 2·middle + right)).": kept(2 * at, height),
        "the offset is half of the right one: (left − right) / (2·(left − 2·middle + right)).": kept(at / 2, height),
        "the parabola runs through the amplitudes: draw it through levels in dB.": kept(linear, height),
        "the parabola runs through the amplitudes, and so do heights: draw it through levels in dB.":
            kept(linear, linear_db),
        "the parabola runs through the powers: draw it through levels in dB.": kept(power, height),
        "the parabola runs through the powers, and so do heights: draw it through levels in dB.": kept(power, power_db),
        "every bin is off by one: the first one that can be a peak is bin 1.": kept(at - 1, height),
        "bins are sr/(2·bins) apart here: K bins from 0 to sr/2 have K − 1 steps between them.":
            (k + at)[keep] * sr / 2 / len(level),
        "bins are sr/K apart here: K bins reach from 0 to sr/2, not to sr.": (k + at)[keep] * sr / (len(level) - 1),
        "these are bins: multiply by the spacing in hertz.": (k + at)[keep],
        "they are not in rising order.": want[0][np.argsort(-want[1], kind="stable")],
        "the floor was compared with the bin: compare the vertex, which is higher.": kept(at, bins),
        "the height of the vertex lacks the offset: middle − (left − right)·offset/4.": kept(at, missing_offset),
        "the floor acts at twice its value: the dB of an amplitude are 20·log10 of it, those of a power 10·log10.":
            kept(at, height, 2 * floor_db),
        "the floor was taken relative to the loudest peak: it is relative to amplitude 1.":
            kept(at, height, floor_db + highest),
        "the floor was forgotten: peaks whose vertex lies at or below floor_db are left out.": (k + at) * spacing,
        "peaks beside a zero are lost: the log of zero is −∞, and what comes of it is NaN. Limit amplitudes below at "
        "1e-12.": ((k + at) * spacing)[finite],
    } | other_frequencies
    at, height, linear_height, power_height = at[keep], height[keep], linear_height[keep], power_height[keep]
    k = k[keep]
    amplitudes = {
        "these are the values of the bins: take the height of the vertex.": amplitude[k],
        "these are levels in dB: return amplitudes, 10^(dB/20).": height,
        "these are powers, 10^(dB/10): an amplitude is 10^(dB/20).": 10 ** (height / 10),
        "the parabola runs through the amplitudes: draw it through levels in dB.": linear_height,
        "the parabola runs through the powers: draw it through levels in dB.": np.sqrt(np.maximum(power_height, 0)),
        "the height of the vertex is middle − (left − right)·offset/4: the sign is wrong.":
            10 ** ((2 * level[k] - height) / 20),
        "the height of the vertex is middle − (left − right)·offset/4, not /2.":
            10 ** ((2 * height - level[k]) / 20),
        "the height of the vertex lacks the offset: middle − (left − right)·offset/4.":
            10 ** (missing_offset[keep] / 20),
        "they are not in the order of the frequencies.": np.sort(want[1])[::-1],
    } | other_amplitudes
    return frequencies, amplitudes


def _db(values: np.ndarray) -> np.ndarray:
    return 20 * np.log10(np.maximum(values, oracle.FLOOR))


def _other_bins(level: np.ndarray, spacing: float, floor_db: float) -> tuple[dict, dict]:
    """Sentence → frequencies, and sentence → amplitudes, where other bins than the right ones count as peaks."""
    left, middle, right = level[:-2], level[1:-1], level[2:]
    curve = left - 2 * middle + right
    at = 0.5 * (left - right) / np.where(curve == 0, np.inf, curve)
    height = middle - 0.25 * (left - right) * at
    masks = {
        "of two equal neighbours both count: only the first should (> on the left, ≥ on the right).":
            (middle >= left) & (middle >= right),
        "of two equal neighbours the second counts: the first should (> on the left, ≥ on the right).":
            (middle >= left) & (middle > right),
        "of two equal neighbours none counts: the first should (> on the left, ≥ on the right).":
            (middle > left) & (middle > right),
        "minima are among them: the middle of the three bins must be the largest.":
            (middle - left) * (right - middle) <= 0,
    }
    masks = {sentence: bins & (height > floor_db) & (curve != 0) for sentence, bins in masks.items()}
    frequency, amplitude = (np.arange(1, len(level) - 1) + at) * spacing, 10 ** (height / 20)
    return {s: frequency[bins] for s, bins in masks.items()}, {s: amplitude[bins] for s, bins in masks.items()}


def gains(x: np.ndarray, f0: float, sr: float, harmonics: int) -> dict:
    """Sentence → complex amplitudes."""
    want, _ = oracle.harmonic_fit(x, f0, sr, harmonics)
    if not want.any():
        return {}
    used = oracle.harmonic_basis(len(x), f0, sr, harmonics).shape[1] // 2
    n, h = np.arange(len(x)) - len(x) // 2, np.arange(1, harmonics + 1)[:, None]
    waves = np.exp(-2j * np.pi * h * f0 / sr * n)
    projected = 2 * (waves @ x) / len(x)
    hann = np.hanning(len(x) + 2)[1:-1]
    below = (np.arange(1, harmonics + 1) <= used)
    folded, _ = oracle.harmonic_fit(x, f0, 1e9 * sr, harmonics) if used < harmonics else (want, None)
    if used < harmonics:
        basis = np.concatenate([waves.real.T, waves.imag.T], 1)
        both = np.linalg.lstsq(basis, x, rcond=None)[0]
        folded = both[:harmonics] + 1j * both[harmonics:]
    return {
        "each harmonic was projected by itself: they are orthogonal over whole periods only, so solve for all at once "
        "by least squares.": projected * below,
        "the phase is that of the first sample: count time from the centre, sample `samples // 2`.":
            oracle.harmonic_fit(x, f0, sr, harmonics, centre=0)[0],
        "the centre is half a sample off: it is sample `samples // 2`.":
            oracle.harmonic_fit(x, f0, sr, harmonics, centre=(len(x) - 1) / 2)[0],
        "the centre is half a sample late in frames of odd length: samples / 2 is no sample there, take samples // 2.":
            oracle.harmonic_fit(x, f0, sr, harmonics, centre=len(x) / 2)[0],
        "the centre is one sample early in frames of even length: it is sample `samples // 2`.":
            oracle.harmonic_fit(x, f0, sr, harmonics, centre=(len(x) - 1) // 2)[0],
        "only exponentials of positive frequency were fitted: a real sound needs the negative ones too, or cosines and "
        "sines.": np.pad(2 * np.linalg.lstsq(waves.conj().T[:, below], x + 0j, rcond=None)[0], (0, harmonics - used)),
        "a constant was fitted along with the harmonics: fit the harmonics alone.":
            _constant_too(x, f0, sr, harmonics)[0],
        "the mean was taken away first: fit x as it is.": oracle.harmonic_fit(x - x.mean(), f0, sr, harmonics)[0],
        "the phase is relative to a sine: A·cos φ is asked for.": 1j * want,
        "the values are twice too large.": 2 * want,
        "the values are half of the right ones: a cosine is the sum of two exponentials of half its amplitude.":
            want / 2,
        "these are the amplitudes without their phases: return A·exp(iφ).": np.abs(want),
        "the error was weighted by a window: plain least squares is asked for.":
            oracle.harmonic_fit(x, f0, sr, harmonics, w=hann)[0],
        "harmonics at or above sr/2 were fitted too: they fold back onto others. Leave them out, their amplitude is 0.":
            folded,
        "the harmonics above sr/2 are missing from the result: they have the amplitude 0.": want[:used],
        "the harmonics begin at 0·f0: they begin at f0.":
            np.concatenate([[_mean_too(x, f0, sr, harmonics)], want])[:harmonics],
    }


def _constant_too(x: np.ndarray, f0: float, sr: float, harmonics: int) -> tuple[np.ndarray, np.ndarray]:
    """Complex amplitudes and residual of a fit that has a constant too."""
    basis = np.concatenate([oracle.harmonic_basis(len(x), f0, sr, harmonics), np.ones((len(x), 1))], 1)
    both = np.linalg.lstsq(basis, x, rcond=None)[0]
    used = basis.shape[1] // 2
    return np.pad(both[:used] + 1j * both[used : 2 * used], (0, harmonics - used)), x - basis @ both


def _mean_too(x: np.ndarray, f0: float, sr: float, harmonics: int) -> complex:
    basis = np.concatenate([np.ones((len(x), 1)), oracle.harmonic_basis(len(x), f0, sr, harmonics - 1 or 1)], 1)
    return complex(np.linalg.lstsq(basis, x, rcond=None)[0][0])


def residuals(x: np.ndarray, f0: float, sr: float, harmonics: int) -> dict:
    """Sentence → residual."""
    _, want = oracle.harmonic_fit(x, f0, sr, harmonics)
    return {
        "a constant was fitted along with the harmonics: fit the harmonics alone.":
            _constant_too(x, f0, sr, harmonics)[1] if f0 > 0 else x - x.mean(),
        "it is the harmonic part: the residual is what is left, x minus that.": x - want,
        "the harmonic part was added: subtract it.": 2 * x - want,
        "it has the wrong sign: x minus the harmonic part.": -want,
        "nothing was subtracted.": x,
        "the harmonic part was subtracted twice.": 2 * want - x,
        "the energy was returned: return the samples.": np.sum(want**2),
    }


def additive(frequency: np.ndarray, amplitude: np.ndarray, phase: np.ndarray, sr: float, hop: int) -> dict:
    """Sentence → signal."""
    f, a = oracle.straight_lines(frequency, hop), oracle.straight_lines(amplitude, hop)
    step = 2 * np.pi * f / sr
    n, start = np.arange(f.shape[-1]), phase[..., None]
    total = np.cumsum(step, -1)
    right = total - step[..., :1] + start
    heard, held = f < sr / 2, _held(frequency, hop)

    def made(angle, *, gain=a, mask=heard, wave=np.cos) -> np.ndarray:
        return (gain * mask * wave(angle)).sum(-2)

    return {
        "the step is the mean of f[n−1] and f[n]: from n−1 to n the phase grows by 2π·f[n]/sr.":
            made(right - step / 2 + step[..., :1] / 2),
        "amplitudes were set to 0 at frames above sr/2 and then interpolated: silence the samples, after "
        "interpolation.": made(right, gain=oracle.straight_lines(amplitude * (frequency < sr / 2), hop)),
        "the phase stands still while a partial is above sr/2: it goes on silently.":
            made(np.cumsum(step * heard, -1) - (step * heard)[..., :1] + start),
        "the given phase was taken in turns: it is in radians.": made(right - start + 2 * np.pi * start),
        "the phase is 2π·f[n]·n/sr: when f moves that is not its sum. Add up 2π·f/sr sample by sample.":
            made(step * n + start),
        "the sum begins one sample early: at n = 0 the phase is the one given.": made(total + start),
        "the sum is one sample late: φ[n] = φ[n−1] + 2π·f[n]/sr.":
            made(np.concatenate([0 * step[..., :1], total[..., :-1]], -1) + start),
        "the phases at sample 0 were ignored.": made(right - start),
        "the phases at sample 0 were subtracted: add them.": made(right - 2 * start),
        "the 2π is missing: f/sr is in turns.": made((right - start) / (2 * np.pi) + start),
        "they are sines: cosines are asked for.": made(right, wave=np.sin),
        "partials above sr/2 still sound: they fold back. Silence them there.": made(right, mask=1.0),
        "partials that pass sr/2 once are silent all the time: silence them only while they are above it.":
            made(right, mask=heard.all(-1, keepdims=True)),
        "the mean over the partials was taken: take the sum.": made(right) / f.shape[-2],
        "the amplitudes stay for a whole hop: draw straight lines between frames.":
            made(right, gain=_held(amplitude, hop)),
        "the frequencies stay for a whole hop: draw straight lines between frames.":
            made(np.cumsum(2 * np.pi * held / sr, -1) - step[..., :1] + start, mask=held < sr / 2),
        "the amplitudes were ignored.": made(right, gain=1.0),
        "the partials were not added up.": a * heard * np.cos(right),
        "the last sample is missing: frames stand at 0, hop, …, so there are (frames − 1)·hop + 1.":
            made(right)[..., :-1],
        "it is a hop too long, less one sample: there are (frames − 1)·hop + 1.":
            oracle.additive(_longer(frequency), _longer(amplitude), phase, sr, hop)[..., :-1],
    }


def _held(values: np.ndarray, hop: int) -> np.ndarray:
    return np.concatenate([values[..., :-1].repeat(hop, -1), values[..., -1:]], -1)


def _longer(values: np.ndarray) -> np.ndarray:
    return np.concatenate([values, values[..., -1:]], -1)

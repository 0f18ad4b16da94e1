"""Elementary signals: tone, chirp, vibrato, noise, clicks.

All return float32 (samples,) with samples = round(duration * sr). Phases are computed in float64: in float32 the phase
of a 1 kHz tone is off by a tenth of a radian after some minutes.
"""

import numpy as np

from course_lib.data.errors import DataError


def tone(
    frequency: float, duration: float = 1.0, sr: int = 22050, *, amplitude: float = 0.5, phase: float = 0.0
) -> np.ndarray:
    """A sine amplitude * sin(2 π f t + phase).

    Args:
        frequency: hertz, below sr / 2.
        duration: seconds.
        amplitude: peak, between 0 and 1.
        phase: radians.
    """
    t = _time(duration, sr)
    return _finish(amplitude * np.sin(2 * np.pi * _below_nyquist(frequency, sr) * t + phase), amplitude)


def chirp(
    start: float, stop: float, duration: float = 1.0, sr: int = 22050, *, amplitude: float = 0.5, log: bool = False
) -> np.ndarray:
    """A sine whose frequency glides from `start` to `stop` hertz, linearly or (log=True) by equal musical intervals.

    The phase is the integral of the frequency: sin(2 π f(t) t) would glide to 2 * stop - start instead.
    """
    import scipy.signal

    t = _time(duration, sr)
    first, last = _below_nyquist(start, sr), _below_nyquist(stop, sr)
    if log and min(first, last) <= 0:
        raise DataError(f"a logarithmic chirp needs frequencies above 0, not {start} and {stop}")
    method = "logarithmic" if log else "linear"
    return _finish(amplitude * scipy.signal.chirp(t, first, duration, last, method=method, phi=-90), amplitude)


def vibrato(
    frequency: float, duration: float = 1.0, sr: int = 22050, *, rate: float = 5.5, depth: float = 50.0,
    amplitude: float = 0.5,
) -> np.ndarray:
    """A sine whose pitch swings sinusoidally around `frequency`.

    Args:
        frequency: centre in hertz.
        rate: swings per second.
        depth: swing to each side in cents (100 cents are a semitone).
    """
    t = _time(duration, sr)
    ratio = 2 ** (depth / 1200 * np.sin(2 * np.pi * rate * t))
    _below_nyquist(frequency * 2 ** (abs(depth) / 1200), sr)
    phase = 2 * np.pi * np.cumsum(frequency * ratio) / sr
    return _finish(amplitude * np.sin(phase), amplitude)


def noise(
    duration: float = 1.0, sr: int = 22050, *, colour: str = "white", rms: float = 0.1, seed: int = 0
) -> np.ndarray:
    """Gaussian noise of a given RMS value.

    Args:
        colour: "white" (equal power per hertz), "pink" (per octave, -3 dB per octave) or "brown" (-6 dB per octave).
        rms: RMS value; samples beyond ±1 are clipped, so keep it below 0.2.
    """
    slopes = {"white": 0.0, "pink": 0.5, "brown": 1.0}
    if colour not in slopes:
        raise DataError(f"there is no noise of colour {colour!r}; there are {', '.join(slopes)}")
    x = np.random.default_rng(seed).standard_normal(len(_time(duration, sr)))
    if slopes[colour]:
        spectrum, f = np.fft.rfft(x), np.fft.rfftfreq(len(x), 1 / sr)
        f[0] = np.inf  # no constant offset
        # Below 20 Hz the slope is stopped: brown noise would put nearly all its power where nobody hears it.
        spectrum *= np.maximum(f, 20.0) ** -slopes[colour]
        x = np.fft.irfft(spectrum, n=len(x))
    x *= rms / max(np.sqrt(np.mean(x**2)), 1e-12)
    return np.clip(x, -1.0, 1.0).astype(np.float32)


def clicks(
    times, duration: float = 1.0, sr: int = 22050, *, frequency: float = 1000.0, decay: float = 0.01,
    amplitude: float = 0.5,
) -> np.ndarray:
    """Decaying sine bursts that start at `times`.

    Args:
        times: seconds, each in [0, duration); the onset sample is round(time * sr).
        frequency: of the burst, in hertz.
        decay: time constant of the burst in seconds.
        amplitude: bound of the peak; overlapping clicks are clipped there.
    """
    n = len(_time(duration, sr))
    t = np.arange(int(8 * decay * sr) + 1) / sr
    burst = np.exp(-t / decay) * np.sin(2 * np.pi * _below_nyquist(frequency, sr) * t + np.pi / 2)
    x = np.zeros(n)
    for time in np.atleast_1d(np.asarray(times, dtype=float)):
        first = round(time * sr)
        if not 0 <= first < n:
            raise DataError(f"a click at {time} s lies outside of 0 … {duration} s")
        stop = min(n, first + len(burst))
        x[first:stop] += burst[: stop - first]
    return _finish(np.clip(amplitude * x, -amplitude, amplitude), amplitude)


def _time(duration: float, sr: int) -> np.ndarray:
    if not sr > 0 or not duration * sr >= 0.5:
        raise DataError(f"{duration} s at {sr} Hz is less than one sample")
    return np.arange(round(duration * sr)) / sr


def _below_nyquist(frequency: float, sr: int) -> float:
    if not 0 <= frequency <= sr / 2:
        raise DataError(f"{frequency} Hz cannot be represented at {sr} Hz; stay between 0 and {sr / 2:g} Hz")
    return frequency


def _finish(x: np.ndarray, amplitude: float) -> np.ndarray:
    if not 0 <= amplitude <= 1:
        raise DataError(f"an amplitude lies between 0 and 1, not {amplitude}")
    return x.astype(np.float32)

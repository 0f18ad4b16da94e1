"""Source and filter: a glottal pulse train and noise through resonators that move.

    glottal pulses + breath ──▶ five resonators in cascade ──┐
                                                              ├──▶ speech
    noise at the constriction ──▶ one resonator ─────────────┘

After Klatt (1980), Software for a cascade/parallel formant synthesizer, JASA 67, and Klatt & Klatt (1990) for the
glottal pulse.
"""

from collections.abc import Sequence

import numpy as np

from course_lib import audio
from course_lib.data.generate.tracks import FRAME, Alignment, Tracks, make_tracks
from course_lib.data.generate.voices import Voice

_RATE = 16000  # synthesis rate; the hiss of /s/ needs more than the 4 kHz of a telephone
_HOP = round(FRAME * _RATE)


def speech(
    phones: Sequence[str], voice: Voice, *, seed: int | Sequence[int] = 0, sr: int = 8000
) -> tuple[np.ndarray, Alignment]:
    """Speak a sequence of phones.

    Args:
        phones: ARPAbet names, keys of `generate.PHONES`.
        voice: the speaker.
        seed: draws durations, pitch contour and noise; the same seed gives the same samples.
        sr: sampling rate of the result in hertz.

    Returns:
        (x, alignment): x is float32 (samples,) with a peak of 0.7; alignment holds (phone, start, end) in seconds
        without gaps from 0 to the end.
    """
    rng = np.random.default_rng(seed)
    tracks = make_tracks(phones, voice, rng)
    samples = len(tracks.f0) * _HOP
    source = _glottis(tracks, voice, rng, samples)
    voiced = _cascade(source, tracks)
    # Amplitudes in the tables are relative to the vowels, so the vowels are brought to an RMS of 1 first.
    loud = _stretch(tracks.voicing, samples) > 0.5
    voiced /= np.sqrt(np.mean(voiced[loud] ** 2)) if loud.any() else 1.0
    x = voiced + _friction(tracks, rng, samples)
    x *= _fade(samples)
    # A recording is never digitally silent: a floor 55 dB below the peak keeps logarithms of closures finite.
    x += np.abs(x).max() * 10 ** (-55 / 20) * rng.standard_normal(samples)
    x = audio.resample(x * (0.5 / np.abs(x).max()), _RATE, sr)
    return x * np.float32(0.7 / np.abs(x).max()), tracks.alignment


def _glottis(tracks: Tracks, voice: Voice, rng: np.random.Generator, samples: int) -> np.ndarray:
    """Derivative of the airflow through the glottis, with breath, times the amplitudes.

    The flow of an open glottis is u² - u³ (u: time within the open phase); its derivative 2 u - 3 u² already holds the
    radiation at the lips. It jumps at closure, so it is sampled four times as densely and then filtered.
    """
    import scipy.signal

    dense = 4
    f0 = _stretch(tracks.f0, samples * dense)
    phase = np.cumsum(f0 / (_RATE * dense)) % 1.0
    u = phase / voice.open_quotient
    pulse = np.where(u < 1, 2 * u - 3 * u**2, 0.0)
    pulse = scipy.signal.resample_poly(pulse, 1, dense)
    # Turbulence falls by 6 dB per octave and the lips radiate 6 dB per octave better: white.
    breath = 0.3 * rng.standard_normal(samples)
    is_open = u[::dense] < 1
    noisy = voice.breathiness * breath * (0.3 + 0.7 * is_open)
    # The parabola falls by 12 dB per octave up to its corner, real glottal pulses by less: +14 dB at 4 kHz.
    pulse = scipy.signal.lfilter([1.0, -voice.brightness], [1.0], pulse)
    voicing, aspiration = _stretch(tracks.voicing, samples), _stretch(tracks.aspiration, samples)
    return voicing * ((1 - 0.5 * voice.breathiness) * pulse + noisy) + aspiration * breath


def _cascade(x: np.ndarray, tracks: Tracks) -> np.ndarray:
    """Five second-order resonators in series, each with gain 1 at 0 Hz, new coefficients every frame."""
    import scipy.signal

    b, a = _resonators(tracks.formants, tracks.bandwidths)
    b *= a.sum(axis=-1, keepdims=True)
    sections = np.concatenate([b, a], axis=-1).transpose(1, 0, 2).copy()  # (frames, 5, 6)
    state = np.zeros((sections.shape[1], 2))
    out = np.empty_like(x)
    for i, section in enumerate(sections):
        part = slice(i * _HOP, (i + 1) * _HOP)
        out[part], state = scipy.signal.sosfilt(section, x[part], zi=state)
    return out


def _friction(tracks: Tracks, rng: np.random.Generator, samples: int) -> np.ndarray:
    """Noise through one resonator, with unit RMS before the amplitude is applied."""
    import scipy.signal

    _, a = _resonators(tracks.noise[:1], tracks.noise[1:])
    noise = rng.standard_normal(samples)
    out = np.empty(samples)
    pairs, which = np.unique(tracks.noise.T, axis=0, return_inverse=True)
    for index in range(len(pairs)):
        first = int(np.argmax(which == index))
        # A zero at 0 Hz: turbulence has no low end, and a wide resonator alone would rumble.
        band = scipy.signal.lfilter([1.0, -1.0], a[0, first], noise)
        band /= band.std()
        mask = np.repeat(which == index, _HOP)
        out[mask] = band[mask]
    return out * _stretch(tracks.frication, samples)


def _resonators(frequency: np.ndarray, bandwidth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Numerators (…, 3) and denominators (…, 3) of 1 / (1 - 2 r cos(θ) z⁻¹ + r² z⁻²)."""
    r = np.exp(-np.pi * bandwidth / _RATE)
    theta = 2 * np.pi * np.minimum(frequency, 0.48 * _RATE) / _RATE
    a = np.stack([np.ones_like(r), -2 * r * np.cos(theta), r**2], axis=-1)
    b = np.zeros_like(a)
    b[..., 0] = 1.0
    return b, a


def _stretch(track: np.ndarray, samples: int) -> np.ndarray:
    """Linear interpolation of a control track to `samples` values."""
    frames = len(track)
    return np.interp((np.arange(samples) + 0.5) * frames / samples - 0.5, np.arange(frames), track)


def _fade(samples: int) -> np.ndarray:
    """Raised-cosine edges: 8 ms in, 40 ms out."""
    window = np.ones(samples)
    rise, fall = int(0.008 * _RATE), min(int(0.04 * _RATE), samples // 2)
    window[:rise] = 0.5 - 0.5 * np.cos(np.pi * np.arange(rise) / rise)
    window[-fall:] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(fall) / fall)
    return window

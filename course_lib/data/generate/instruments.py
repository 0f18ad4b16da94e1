"""Instrument notes by additive synthesis, the stand-in for `data.instrument_notes`.

Each instrument is a recipe: which harmonics, how steeply they fall, how fast the note starts, how much vibrato. It
sounds like an organ stop of that family, no more; pitch, brightness and attack are where they should be.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from course_lib.data.errors import DataError
from course_lib.data.views.digits import chosen
from course_lib.data.views.notes import DYNAMICS, INSTRUMENTS, RATE, Note

_HARMONICS = 40  # at most; the rest of a low note is 30 dB and more below its start


@dataclass(frozen=True)
class Recipe:
    """How an instrument sounds. `slope` is the fall of the harmonics in dB per octave when played mezzo-forte."""

    low: int            # lowest MIDI pitch
    high: int           # highest MIDI pitch
    slope: float
    even: float = 1.0   # amplitude of the even harmonics relative to the odd ones
    body: float = 800.0  # centre of the formant of the body, hertz
    attack: float = 0.05  # seconds
    vibrato: float = 0.0  # cents


RECIPES: dict[str, Recipe] = {
    "bass clarinet": Recipe(38, 82, slope=9, even=0.25, body=500, attack=0.05),
    "bassoon": Recipe(34, 75, slope=8, body=500, attack=0.05),
    "cello": Recipe(36, 81, slope=7, body=600, attack=0.10, vibrato=15),
    "clarinet": Recipe(50, 93, slope=8, even=0.2, body=1500, attack=0.04),
    "contrabassoon": Recipe(22, 58, slope=7, body=400, attack=0.07),
    "cor anglais": Recipe(52, 84, slope=6, body=950, attack=0.05, vibrato=6),
    "double bass": Recipe(28, 67, slope=8, body=400, attack=0.12, vibrato=8),
    "flute": Recipe(60, 96, slope=13, body=900, attack=0.07, vibrato=12),
    "french horn": Recipe(38, 77, slope=11, body=450, attack=0.06),
    "oboe": Recipe(58, 91, slope=5, body=1400, attack=0.04, vibrato=8),
    "saxophone": Recipe(49, 85, slope=7, body=900, attack=0.05, vibrato=10),
    "trombone": Recipe(40, 74, slope=8, body=600, attack=0.06),
}
assert tuple(RECIPES) == INSTRUMENTS


def instrument_note(
    midi: int, instrument: str = "flute", *, dynamic: str = "mezzo-forte", duration: float = 1.0, sr: int = RATE,
    seed: int = 0,
) -> np.ndarray:
    """One note of up to 40 harmonics below sr / 2, louder and brighter with the dynamic.

    Args:
        midi: pitch; 69 is A4 at 440 Hz. Any pitch from 12 to 108 is played, also outside of the instrument's range.
        instrument: one of `data.INSTRUMENTS`.
        dynamic: one of `data.DYNAMICS`.
        duration: seconds.
        sr: sampling rate in hertz.
        seed: draws the phases, the start of the vibrato and a mistuning of some cents.

    Returns:
        float32 (samples,) with a peak between 0.1 (pianissimo) and 0.8 (fortissimo).
    """
    chosen([instrument], INSTRUMENTS, "instrument")
    chosen([dynamic], DYNAMICS, "dynamic")
    if not 12 <= midi <= 108:
        raise DataError(f"a pitch lies between 12 and 108, not {midi}")
    if not sr > 0 or not duration * sr >= 1:
        raise DataError(f"{duration} s at {sr} Hz is less than one sample")
    recipe = RECIPES[instrument]
    loudness = DYNAMICS.index(dynamic) / (len(DYNAMICS) - 1)  # 0 … 1
    rng = np.random.default_rng([seed, int(midi), INSTRUMENTS.index(instrument), DYNAMICS.index(dynamic)])
    t = np.arange(round(duration * sr)) / sr
    cents = 3 * rng.standard_normal() + recipe.vibrato * np.sin(2 * np.pi * (5.5 * t + rng.random()))
    f0 = 440.0 * 2 ** ((midi - 69 + cents / 100) / 12)
    rotor = np.exp(2j * np.pi * np.cumsum(f0) / sr)
    x, power = np.zeros(len(t)), np.ones(len(t), dtype=complex)
    for k in range(1, min(int(sr / 2 / f0.max()), _HARMONICS) + 1):
        power *= rotor
        gain = _harmonic(k, k * float(f0.mean()), recipe, loudness)
        # Higher harmonics enter later: the ear tells a bowed or blown start from a plucked one by that.
        attack = 1 - np.exp(-t / (recipe.attack * (0.3 + 0.1 * min(k, 10))))
        x += gain * attack * (power * np.exp(2j * np.pi * rng.random())).imag
    release = min(len(t) // 4, round(0.08 * sr))
    x[len(t) - release :] *= 0.5 + 0.5 * np.cos(np.pi * np.arange(release) / max(release, 1))
    return (x * (0.1 * 8**loudness / max(np.abs(x).max(), 1e-12))).astype(np.float32)


def instrument_notes(
    *, instruments: Collection[str] | None = None, pitches: Collection[int] | None = None,
    dynamics: Collection[str] | None = None, seed: int = 0,
) -> list[Note]:
    """Generated notes, of the type that `data.instrument_notes` returns.

    Args:
        instruments: some of `data.INSTRUMENTS`; None takes all.
        pitches: MIDI numbers; None takes every third semitone. Those outside of an instrument's range are left out.
        dynamics: some of `data.DYNAMICS`; None takes piano and forte.
        seed: another seed gives another recording of the same notes.
    """
    wanted = chosen(range(0, 128, 3) if pitches is None else pitches, range(128), "pitch")
    return [
        Note(instrument, pitch, dynamic, samples=instrument_note(pitch, instrument, dynamic=dynamic, seed=seed))
        for instrument in chosen(instruments, INSTRUMENTS, "instrument")
        for pitch in wanted
        if RECIPES[instrument].low <= pitch <= RECIPES[instrument].high
        for dynamic in chosen(("piano", "forte") if dynamics is None else dynamics, DYNAMICS, "dynamic")
    ]


def _harmonic(k: int, frequency: float, recipe: Recipe, loudness: float) -> float:
    """Amplitude of harmonic k: the slope, the missing even ones, and a broad resonance of the body."""
    slope = recipe.slope * (1.4 - 0.8 * loudness)
    octaves_off = np.log2(frequency / recipe.body)
    resonance = 1 + 1.5 * np.exp(-0.5 * (octaves_off / 0.6) ** 2)
    return float(k ** (-slope / 6.02) * (recipe.even if k % 2 == 0 else 1.0) * resonance)

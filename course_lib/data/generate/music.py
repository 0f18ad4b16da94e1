"""Generated chorales, and generated sounds in the place of librosa's examples."""

import numpy as np

from course_lib import audio
from course_lib.data.errors import DataError
from course_lib.data.generate.digits import formant_digit
from course_lib.data.generate.instruments import instrument_note
from course_lib.data.generate.signals import chirp, clicks, noise, vibrato

# Which degree of the scale (0 is the tonic) may follow which, as functional harmony has it.
_FOLLOWS = {0: (1, 3, 4, 5), 1: (4,), 3: (0, 1, 4), 4: (0, 5), 5: (1, 3)}
_MAJOR = (0, 2, 4, 5, 7, 9, 11)
_RANGES = ((60, 79), (55, 72), (48, 67), (40, 60))  # soprano, alto, tenor, bass
_SIXTEENTH = 0.15  # seconds, at 100 quarters per minute


def chorales(count: int = 20, *, seed: int = 0) -> list[np.ndarray]:
    """Four-voice progressions in major keys, of the type that `data.chorales` returns.

    Chords change every quarter, follow functional harmony and end on dominant and tonic. The bass takes the root, each
    upper voice the chord tone nearest to its last note; voices do not cross. There are no passing notes, and a chord
    may lack its third or fifth.

    Args:
        count: number of pieces.
        seed: draws key, chords and length.

    Returns:
        int64 arrays (steps, 4): MIDI pitch of soprano, alto, tenor and bass per sixteenth.
    """
    return [_chorale(np.random.default_rng([seed, i])) for i in range(count)]


def example(key: str, *, sr: int | None = None, seed: int = 0) -> tuple[np.ndarray, int]:
    """A generated sound of the same kind as librosa's example of that key: speech, animal, drums or music.

    Returns:
        (x, sr): float32 (samples,) of 4 to 20 seconds, at 22050 Hz unless `sr` is given.
    """
    from course_lib.data.views.examples import EXAMPLES

    if key not in EXAMPLES:
        raise DataError(f"there is no example {key!r}; there are {', '.join(EXAMPLES)}")
    rate = 22050
    rng = np.random.default_rng([seed, list(EXAMPLES).index(key)])
    if key.startswith("libri"):
        x = _reading(("george", "nicolas", "theo")[int(key[-1]) - 1], rate, rng)
    elif key in ("humpback", "pibble", "robin"):
        x = _calls({"humpback": 300.0, "pibble": 600.0, "robin": 3500.0}[key], rate, rng)
    elif key == "choice":
        x = _drums(rate, rng)
    else:
        solo = key == "trumpet"
        piece = _chorale(rng)[:, : 1 if solo else 4]
        x = _render(piece, ("trombone",) if solo else ("oboe", "clarinet", "french horn", "bassoon"), rate)
    x = audio.set_level(x, -20.0)
    return (x, rate) if sr is None else (audio.resample(x, rate, sr), sr)


def _chorale(rng: np.random.Generator) -> np.ndarray:
    tonic = 60 + int(rng.integers(-5, 7))
    degrees = [0]
    while len(degrees) < 4 * int(rng.integers(4, 9)) - 2:
        degrees.append(int(rng.choice(_FOLLOWS[degrees[-1]])))
    degrees += [4, 0]
    last = [69, 64, 57, 48]
    rows = []
    for degree in degrees:
        tones = {(tonic + _MAJOR[(degree + step) % 7]) % 12 for step in (0, 2, 4)}
        root = (tonic + _MAJOR[degree]) % 12
        chord, ceiling = [], 128
        for voice, (low, high) in enumerate(_RANGES):
            allowed = {root} if voice == 3 else tones
            # Voices do not cross: each stays below the one above it.
            free = [p for p in range(low, high + 1) if p % 12 in allowed and p < ceiling]
            pitch = min(free, key=lambda p: (abs(p - last[voice]), p)) if free else ceiling
            chord.append(pitch)
            ceiling = pitch
        last = chord
        rows.append(chord)
    lengths = np.full(len(rows), 4)
    lengths[-1] = 8
    return np.repeat(np.array(rows, dtype=np.int64), lengths, axis=0)


def _render(piece: np.ndarray, instruments: tuple[str, ...], sr: int) -> np.ndarray:
    hop = round(_SIXTEENTH * sr)
    x = np.zeros(len(piece) * hop, dtype=np.float32)
    for voice, instrument in enumerate(instruments):
        track = piece[:, voice]
        starts = np.flatnonzero(np.diff(track, prepend=-2))
        for first, stop in zip(starts, [*starts[1:], len(track)], strict=True):
            note = instrument_note(int(track[first]), instrument, duration=(stop - first) * _SIXTEENTH, sr=sr)
            x[first * hop : first * hop + len(note)] += note[: len(x) - first * hop]
    return x


def _reading(voice: str, sr: int, rng: np.random.Generator) -> np.ndarray:
    pause = np.zeros(round(0.12 * sr), dtype=np.float32)
    words = [formant_digit(int(rng.integers(10)), voice=voice, seed=i, sr=sr)[0] for i in range(16)]
    return np.concatenate([part for word in words for part in (word, pause)])


def _calls(frequency: float, sr: int, rng: np.random.Generator) -> np.ndarray:
    parts = []
    for _ in range(6):
        length = rng.uniform(0.3, 0.8)
        glide = frequency * rng.uniform(0.7, 1.5, size=2)
        call = chirp(*glide, length, sr) if rng.random() < 0.6 else vibrato(frequency, length, sr, depth=120)
        parts += [call * np.hanning(len(call)).astype(np.float32), np.zeros(round(0.25 * sr), dtype=np.float32)]
    return np.concatenate(parts) + noise(sum(map(len, parts)) / sr, sr, colour="pink", rms=0.002)


def _drums(sr: int, rng: np.random.Generator) -> np.ndarray:
    beat, bars = 0.5, 4
    length = 4 * bars * beat
    kick = clicks(np.arange(0, length, 2 * beat), length, sr, frequency=60, decay=0.08)
    hats = np.zeros_like(kick)
    for time in np.arange(0, length, beat / 2):
        first = round(time * sr)
        hit = noise(0.08, sr, seed=int(rng.integers(1 << 30)), rms=0.15)
        hit = hit * np.exp(-np.arange(len(hit)) / (0.015 * sr)).astype(np.float32)
        hats[first : first + len(hit)] += hit[: len(hats) - first]
    return kick + hats

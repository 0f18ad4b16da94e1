"""Generated spoken digits, the stand-in for `data.spoken_digits`."""

from collections.abc import Collection

import numpy as np

from course_lib.data.generate.tracks import Alignment
from course_lib.data.generate.voices import Voice
from course_lib.data.generate.words import Speakers, take_of, voices_of
from course_lib.data.views.digits import RATE, WORDS, Digit, chosen


def formant_digit(
    digit: int, *, voice: str | Voice = "george", seed: int = 0, sr: int = RATE
) -> tuple[np.ndarray, Alignment]:
    """One spoken digit from a formant synthesiser.

    Args:
        digit: 0 … 9.
        voice: a name in `generate.VOICES`, or a `generate.Voice`, such as `generate.random_voice(7)`.
        seed: another seed is another take: pitch, tempo and formants change by some percent.
        sr: sampling rate in hertz.

    Returns:
        (x, phones): x is float32 (samples,) with a peak of 0.7; phones holds (ARPAbet phone, start, end) in seconds.
    """
    (digit,) = chosen([digit], range(10), "digit")
    return take_of(WORDS[digit], [seed, digit], voice, sr)


def spoken_digits(
    *, speakers: Speakers = None, digits: Collection[int] | None = None, takes: Collection[int] | None = None,
    seed: int = 0,
) -> list[Digit]:
    """Generated digits of several synthetic voices, of the type that `data.spoken_digits` returns.

    Args:
        speakers: some of `generate.VOICES`, which bear the names of the recorded speakers; None takes all six. A
            number stands for as many of `generate.random_voices`, a mapping from names to voices for those.
        digits: some of 0 … 9; None takes all.
        takes: numbers from 0 to 999; None takes 0 … 9. Take 3 of a voice is the same whatever else is asked for.
        seed: another seed gives other takes (and other random voices).

    Returns:
        Digits sorted by speaker, digit and take, with `phones` filled in.
    """
    found = []
    for speaker, voice in voices_of(speakers, seed).items():
        for digit in chosen(digits, range(10), "digit"):
            for take in chosen(range(10) if takes is None else takes, range(1000), "take"):
                x, phones = formant_digit(digit, voice=voice, seed=1000 * seed + take)
                found.append(Digit(digit, speaker, take, samples=x, phones=phones))
    return found

"""Generated spoken words: the digits and a small lexicon, by as many synthetic speakers as one asks for."""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from course_lib.data.errors import DataError
from course_lib.data.generate.formant import speech
from course_lib.data.generate.habits import pronounced_by
from course_lib.data.generate.lexicon import PRONUNCIATIONS
from course_lib.data.generate.tracks import Alignment
from course_lib.data.generate.voices import VOICES, Voice, random_voices
from course_lib.data.views.digits import RATE, chosen

Speakers = int | Collection[str] | Mapping[str, Voice] | None
"""How speakers are asked for: names of `VOICES`, a number of random ones, one's own by name, or None for `VOICES`."""


@dataclass(frozen=True)
class SpokenWord:
    """One generated word with the places of its phones."""

    word: str
    speaker: str
    take: int
    samples: np.ndarray = field(repr=False, compare=False)
    phones: Alignment = field(repr=False, compare=False)
    """(ARPAbet phone, start, end) in seconds, without gaps from 0 to the end."""
    sr: int = RATE

    def audio(self) -> np.ndarray:
        """float32 array (samples,) at `sr` hertz."""
        return self.samples.copy()


def formant_word(
    word: str, *, voice: str | Voice = "george", seed: int = 0, sr: int = RATE
) -> tuple[np.ndarray, Alignment]:
    """One spoken word from a formant synthesiser.

    Args:
        word: a key of `generate.PRONUNCIATIONS`, or phones with spaces between them, such as "S IY D".
        voice: a name in `generate.VOICES`, or a `generate.Voice`, such as `generate.random_voice(7)`.
        seed: another seed is another take: pitch, tempo and formants change by some percent.
        sr: sampling rate in hertz.

    Returns:
        (x, phones): x is float32 (samples,) with a peak of 0.7; phones holds (ARPAbet phone, start, end) in seconds.

    Raises:
        DataError: a word that is not in the lexicon, an unknown voice or phone.
    """
    if word not in PRONUNCIATIONS and not word.replace(" ", "").isupper():
        raise DataError(f"there is no word {word!r}: take one of generate.PRONUNCIATIONS, or give ARPAbet phones")
    return take_of(word, [seed, zlib.crc32(word.encode())], voice, sr)


def spoken_words(
    words: Collection[str] | None = None, *, speakers: Speakers = None, takes: Collection[int] | None = None,
    seed: int = 0, sr: int = RATE,
) -> list[SpokenWord]:
    """Generated words of several synthetic speakers.

    Args:
        words: some of `generate.PRONUNCIATIONS`, such as `generate.TOPICS["colours"]`; None takes all of them.
        speakers: some of `generate.VOICES`; a number for as many of `generate.random_voices`; a mapping from names to
            voices; None takes `VOICES`.
        takes: numbers from 0 to 999; None takes 0 … 4. Take 3 of a voice is the same whatever else is asked for.
        seed: another seed gives other takes (and other random voices).
        sr: sampling rate in hertz.

    Returns:
        Words sorted by speaker, word and take.

    >>> [f"{w.speaker} {w.word}" for w in spoken_words(["yes", "no"], speakers=2, takes=[0])]
    ['voice000 yes', 'voice000 no', 'voice001 yes', 'voice001 no']
    """
    return [
        SpokenWord(word, name, take, *formant_word(word, voice=voice, seed=1000 * seed + take, sr=sr), sr)
        for name, voice in voices_of(speakers, seed).items()
        for word in chosen(words, list(PRONUNCIATIONS), "word")
        for take in chosen(range(5) if takes is None else takes, range(1000), "take")
    ]


def take_of(word: str, entropy: list[int], voice: str | Voice, sr: int) -> tuple[np.ndarray, Alignment]:
    """A word, or phones, as a voice says them one time; `entropy` and the name of the voice decide about the take."""
    if isinstance(voice, str):
        if voice not in VOICES:
            raise DataError(f"there is no voice {voice!r}; there are {', '.join(VOICES)}")
        name, voice = voice, VOICES[voice]
    else:
        name = repr(voice)
    # hash() differs from process to process; crc32 does not.
    entropy = [*entropy, zlib.crc32(name.encode())]
    phones = pronounced_by(voice, word) if word in PRONUNCIATIONS else tuple(word.split())
    varied = voice.varied(np.random.default_rng([*entropy, 1]))
    return speech(phones, varied, seed=entropy, sr=sr)


def voices_of(speakers: Speakers, seed: int = 0) -> dict[str, str | Voice]:
    """Name → voice of the speakers that were asked for; the voices of `VOICES` by their names.

    Raises:
        DataError: an unknown name, or none at all.
    """
    if isinstance(speakers, Mapping):
        if not speakers:
            raise DataError("no speaker was asked for: the selection is empty")
        return dict(speakers)
    if isinstance(speakers, int):
        return dict(random_voices(speakers, seed=seed))
    return {name: name for name in chosen(speakers, list(VOICES), "speaker")}

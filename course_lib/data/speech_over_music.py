"""Spoken phrases over music: voice, music and the exact place of every phone.

Words of the formant generator, all by one voice, are joined with short pauses; so every phone is known to the sample.
An excerpt of a recording of music is added at a chosen level. Used in unit 14_attention.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32

from course_lib.data.errors import DataUnavailable
from course_lib.data.generate.words import SpokenWord
from course_lib.data.views.examples import example

SAMPLE_RATE = 8000
PAUSE = ">"
"""The symbol of a pause: at the start, between words, and at the end."""
SPEECH_LEVEL = 10 ** (-26 / 20)
"""RMS level of every voice, -26 dBFS: leaves room for music 10 dB above it."""
MUSIC = {"training": ("brahms", "nutcracker", "vibeace"), "test": ("sweetwaltz", "pistachio", "choice")}
"""Keys of `data.EXAMPLES` without voices. No recording of the test is in the training, whose music is public domain or
CC BY, so that weights trained on it may be passed on."""


@dataclass(frozen=True)
class Phrase:
    """One spoken phrase over music, at 8 kHz; mixture = voice + music."""

    voice: Float32[np.ndarray, " samples"] = field(repr=False)
    music: Float32[np.ndarray, " samples"] = field(repr=False)
    phones: tuple[str, ...]
    """ARPAbet phones, with a `PAUSE` at both ends and between words."""
    onsets: tuple[float, ...] = field(repr=False)
    """Start of each phone in seconds; each ends where the next one starts, and the last at the end."""
    words: tuple[str, ...]
    speaker: str
    snr_db: float
    """Level of the voice over the music; infinite without music."""

    @property
    def mixture(self) -> Float32[np.ndarray, " samples"]:
        """Voice and music."""
        return self.voice + self.music

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.voice) / SAMPLE_RATE


class SpeechOverMusic:
    """Speaks phrases of given words over given music. Every phrase is a function of the generator it is handed.

    Args:
        words: generated words at 8 kHz, such as those of `generate.spoken_words`.
        music: recordings at 8 kHz, each longer than a phrase.
        pause: shortest and longest pause between words and at both ends, in seconds.
        words_per_phrase: fewest and most words.
    """

    def __init__(
        self,
        words: Sequence[SpokenWord],
        music: Sequence[Float32[np.ndarray, " samples"]],
        *,
        pause: tuple[float, float] = (0.06, 0.2),
        words_per_phrase: tuple[int, int] = (2, 3),
    ):
        if not words or not music:
            raise ValueError("phrases need at least one word and one piece of music")
        self.music, self.pause, self.words_per_phrase = list(music), pause, words_per_phrase
        self._bank: dict[str, list[SpokenWord]] = {}
        for word in words:
            self._bank.setdefault(word.speaker, []).append(word)
        self.speakers = sorted(self._bank)

    def draw(self, count: int, rng: np.random.Generator, *, snr_db: float | tuple[float, float]) -> list[Phrase]:
        """Random phrases by random voices.

        Args:
            count: how many.
            rng: decides about everything.
            snr_db: level of the voice over the music, or a range to draw it from; infinity leaves the music out. The
                phrases are the same whatever the level, if the generator is and if no range is given.
        """
        return [self._phrase(rng, snr_db) for _ in range(count)]

    def _phrase(self, rng: np.random.Generator, snr_db: float | tuple[float, float]) -> Phrase:
        speaker = str(rng.choice(self.speakers))
        bank = self._bank[speaker]
        words = [bank[i] for i in rng.integers(len(bank), size=rng.integers(*self.words_per_phrase, endpoint=True))]
        pieces, phones, onsets, now = [], [], [], 0
        for word in [*words, None]:
            silence = round(rng.uniform(*self.pause) * SAMPLE_RATE)
            phones.append(PAUSE)
            onsets.append(now / SAMPLE_RATE)
            pieces.append(np.zeros(silence, np.float32))
            now += silence
            if word is not None:
                phones += [phone for phone, _, _ in word.phones]
                onsets += [now / SAMPLE_RATE + start for _, start, _ in word.phones]
                pieces.append(word.audio())
                now += len(word.samples)
        voice = np.concatenate(pieces)
        voice *= np.float32(SPEECH_LEVEL / np.sqrt(np.mean(np.square(voice, dtype=np.float64))))
        level = float(rng.uniform(*snr_db)) if isinstance(snr_db, tuple) else float(snr_db)
        return Phrase(
            voice,
            self._excerpt(len(voice), level, rng),
            tuple(phones),
            tuple(onsets),
            tuple(w.word for w in words),
            speaker,
            level,
        )

    def _excerpt(self, samples: int, snr_db: float, rng: np.random.Generator) -> Float32[np.ndarray, " samples"]:
        piece = self.music[rng.integers(len(self.music))]
        first = int(rng.integers(max(len(piece) - samples, 1)))
        excerpt = np.resize(piece[first : first + samples], samples)
        rms = np.sqrt(np.mean(np.square(excerpt, dtype=np.float64)))
        return (excerpt * (SPEECH_LEVEL * 10 ** (-snr_db / 20) / max(rms, 1e-5))).astype(np.float32)


def music_or_generated(
    keys: Sequence[str], *, seconds: float = 45.0
) -> tuple[list[Float32[np.ndarray, " samples"]], str]:
    """The first `seconds` of recordings at 8 kHz, or generated stand-ins where they cannot be had; prints which.

    Returns:
        (recordings, note): the note is one sentence for captions and tables of results.
    """
    try:
        pieces = [example(key, sr=SAMPLE_RATE)[0] for key in keys]
        note = f"music: {', '.join(keys)} (librosa's example recordings)"
    except DataUnavailable as error:
        from course_lib.data import generate

        pieces = [generate.example(key, sr=SAMPLE_RATE)[0] for key in keys]
        note = f"generated music instead of {', '.join(keys)}: {error}"
    print(note)
    return [piece[: round(seconds * SAMPLE_RATE)] for piece in pieces], note


def words_of(voices: Mapping[str, object], words: Sequence[str], *, seed: int = 0) -> list[SpokenWord]:
    """One take of each word by each voice."""
    from course_lib.data import generate

    return generate.spoken_words(words, speakers=voices, takes=[0], seed=seed, sr=SAMPLE_RATE)

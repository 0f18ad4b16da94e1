"""Habits of speech: how one synthetic person says each phone, the same in every take, and not as the next person does.

People with vocal tracts of one length still differ: in accent, in how far they move the tongue, in how long they hold a
sound and how sharp their hiss is. Each voice of `generate.random_voice` carries a number that seeds these habits. The
sizes below are choices: large enough that a recogniser has to generalise, small enough that words stay apart.
"""

import zlib
from dataclasses import replace

import numpy as np

from course_lib.data.generate.lexicon import PRONUNCIATIONS, VARIANTS
from course_lib.data.generate.phones import Formants, Phone
from course_lib.data.generate.voices import Voice

FORMANTS = (0.07, 0.05, 0.04)  # spread of the three formants of a phone from person to person, in nepers
DURATION = 0.15
NOISE_LEVEL = 0.6              # of frication and of aspiration: 5 dB
NOISE_CENTRE = 0.08
GLIDE = (0.5, 1.0)             # how far a diphthong gets towards its end


def said_by(voice: Voice, name: str, phone: Phone) -> Phone:
    """The phone as this person says it; as in the table for a voice without habits.

    Args:
        voice: its `habits` seed the differences.
        name: of the phone; each has its own differences.
        phone: as in the table.
    """
    if not voice.habits:
        return phone
    rng = np.random.default_rng([voice.habits, zlib.crc32(name.encode())])

    def spread(size: float) -> float:
        return float(np.exp(size * rng.standard_normal()))

    change = [spread(size) for size in FORMANTS]
    reach = rng.uniform(*GLIDE)
    duration, level, centre = spread(DURATION), spread(NOISE_LEVEL), spread(NOISE_CENTRE)
    breath = spread(NOISE_LEVEL)
    return replace(
        phone, duration=phone.duration * duration, formants=_times(phone.formants, change),
        glide=_times(_between(phone.formants, phone.glide, reach), change) if phone.glide else None,
        parts=tuple(
            replace(part, aspiration=part.aspiration * breath, frication=part.frication * level,
                    noise=(part.noise[0] * centre, part.noise[1]))
            for part in phone.parts
        ),
    )


def pronounced_by(voice: Voice, word: str) -> tuple[str, ...]:
    """The phones of a word of the lexicon as this person pronounces it: as in the table, or one of the variants."""
    ways = (PRONUNCIATIONS[word], *VARIANTS.get(word, ()))
    if not voice.habits or len(ways) == 1:
        return ways[0]
    return ways[np.random.default_rng([voice.habits, zlib.crc32(word.encode())]).integers(len(ways))]


def _between(start: Formants, end: Formants, share: float) -> Formants:
    one, two, three = (a + share * (b - a) for a, b in zip(start, end, strict=True))
    return one, two, three


def _times(formants: Formants, factors: list[float]) -> Formants:
    one, two, three = (f * k for f, k in zip(formants, factors, strict=True))
    return one, two, three

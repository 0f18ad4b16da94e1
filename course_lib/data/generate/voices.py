"""Synthetic voices: what distinguishes speakers in a source-filter model."""

from dataclasses import dataclass, field, replace

import numpy as np

from course_lib.data.errors import DataError


@dataclass(frozen=True)
class Voice:
    """A synthetic speaker."""

    f0: float             # mean fundamental frequency, hertz
    formant_scale: float  # 1 for an adult male; a shorter vocal tract raises all formants
    rate: float           # speaking rate; 2 halves every duration
    breathiness: float    # share of noise in the source, 0 … 1
    open_quotient: float = 0.6  # share of a period in which the glottis is open: larger is softer
    # Left out of repr, which seeds the takes of a voice without a name: a voice that leaves them alone stays the same.
    brightness: float = field(default=0.75, repr=False)  # of the source: 0.4 dull … 0.9 bright
    habits: int = field(default=0, repr=False)  # draws how this person says each phone; 0 says them as in the table

    def varied(self, rng: np.random.Generator) -> "Voice":
        """The same speaker another time: a few percent of change in pitch, tract and rate, as between takes."""
        return replace(
            self,
            f0=self.f0 * np.exp(0.06 * rng.standard_normal()),
            formant_scale=self.formant_scale * np.exp(0.012 * rng.standard_normal()),
            rate=self.rate * np.exp(0.10 * rng.standard_normal()),
            breathiness=float(np.clip(self.breathiness + 0.04 * rng.standard_normal(), 0.0, 1.0)),
            open_quotient=float(np.clip(self.open_quotient + 0.03 * rng.standard_normal(), 0.4, 0.9)),
        )


# The names are those of the recorded speakers, so that a split by speaker works on both sets; nobody is imitated.
VOICES: dict[str, Voice] = {
    "george": Voice(f0=112, formant_scale=1.00, rate=0.95, breathiness=0.05),
    "jackson": Voice(f0=95, formant_scale=0.96, rate=0.85, breathiness=0.10, open_quotient=0.55),
    "lucas": Voice(f0=132, formant_scale=1.05, rate=0.90, breathiness=0.18),
    "nicolas": Voice(f0=205, formant_scale=1.17, rate=1.10, breathiness=0.12, open_quotient=0.65),
    "theo": Voice(f0=228, formant_scale=1.13, rate=1.20, breathiness=0.28, open_quotient=0.7),
    "yweweler": Voice(f0=158, formant_scale=1.09, rate=1.05, breathiness=0.08, open_quotient=0.5),
}


def random_voice(rng: np.random.Generator | int) -> Voice:
    """A synthetic speaker who has not been heard before: man, woman or child, with habits of speech of their own.

    Pitch and length of the vocal tract go together, as in Peterson & Barney (1952), where the means of men, women and
    children are 132, 223 and 264 Hz and the formants of women and children lie some 17 and 32 % above those of men.

    Args:
        rng: a generator, or a seed for one.

    Returns:
        A voice; the same generator state gives the same voice. Values are rounded, so that it is written briefly.
    """
    rng = np.random.default_rng(rng)
    f0, scale = ((132.0, 1.0), (223.0, 1.17), (264.0, 1.32))[rng.choice(3, p=(0.42, 0.42, 0.16))]
    return Voice(
        f0=round(float(f0 * np.exp(0.15 * rng.standard_normal())), 1),
        formant_scale=round(float(scale * np.exp(0.04 * rng.standard_normal())), 3),
        rate=round(float(np.exp(0.15 * rng.standard_normal())), 3),
        breathiness=round(float(rng.uniform(0.02, 0.35)), 3),
        open_quotient=round(float(rng.uniform(0.5, 0.75)), 3),
        brightness=round(float(rng.uniform(0.55, 0.88)), 3),
        habits=int(rng.integers(1, 2**31)),
    )


def random_voices(count: int, *, seed: int = 0) -> dict[str, Voice]:
    """Many synthetic speakers, `voice000`, `voice001`, …: the first ten of a hundred are the ten of ten.

    Args:
        count: at least 1.
        seed: another seed gives other speakers.

    Raises:
        DataError: a count below 1.
    """
    if count < 1:
        raise DataError(f"at least one speaker is needed, got {count}")
    return {f"voice{i:03d}": random_voice(np.random.default_rng([seed, i])) for i in range(count)}

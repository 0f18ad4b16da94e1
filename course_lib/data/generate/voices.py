"""Synthetic voices: what distinguishes speakers in a source-filter model."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Voice:
    """A synthetic speaker."""

    f0: float             # mean fundamental frequency, hertz
    formant_scale: float  # 1 for an adult male; a shorter vocal tract raises all formants
    rate: float           # speaking rate; 2 halves every duration
    breathiness: float    # share of noise in the source, 0 … 1
    open_quotient: float = 0.6  # share of a period in which the glottis is open: larger is softer

    def varied(self, rng: np.random.Generator) -> "Voice":
        """The same speaker another time: a few percent of change in pitch, tract and rate, as between takes."""
        return Voice(
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

"""The phones of the ten digit words: formant targets, sources and durations (ARPAbet names).

Vowel formants are the male averages of Peterson & Barney (1952); consonant targets ("loci") and the division into
voicing, aspiration and frication follow Klatt (1980), Software for a cascade/parallel formant synthesizer.
"""

from dataclasses import dataclass

Formants = tuple[float, float, float]
Noise = tuple[float, float]


@dataclass(frozen=True)
class Part:
    """A stretch of a phone with one source.

    Amplitudes are relative to the voicing of a vowel (1). `share` is the part's fraction of the phone's duration.
    """

    share: float = 1.0
    voicing: float = 0.0
    aspiration: float = 0.0  # noise at the glottis: it passes the formants
    frication: float = 0.0   # noise at a constriction: it passes only its own resonance
    noise: Noise = (4500.0, 2500.0)  # centre and bandwidth of the frication, hertz


@dataclass(frozen=True)
class Phone:
    """A phone: duration in seconds, formants in hertz for an adult male vocal tract, and its parts in order.

    A diphthong glides from `formants` to `glide`. `damping` widens all bandwidths: the nasal tract absorbs.
    """

    duration: float
    formants: Formants
    parts: tuple[Part, ...] = (Part(voicing=1.0),)
    glide: Formants | None = None
    damping: float = 1.0


def _stop(burst: Noise, *, closure: float, aspirated: float) -> tuple[Part, ...]:
    return (
        Part(closure),
        Part(0.18, frication=0.55, noise=burst),
        Part(0.82 - closure, aspiration=aspirated, frication=0.05, noise=burst),
    )


_HISS = (4400.0, 1600.0)   # /s/, /z/
_PUFF = (3400.0, 6000.0)   # /f/, /v/: nearly flat
_LISP = (4800.0, 5000.0)   # /th/
_ALVEOLAR = (3600.0, 1800.0)
_VELAR = (2000.0, 700.0)

PHONES: dict[str, Phone] = {
    # vowels
    "IY": Phone(0.20, (270, 2290, 3010)),
    "IH": Phone(0.10, (390, 1990, 2550)),
    "EH": Phone(0.12, (530, 1840, 2480)),
    "AH": Phone(0.14, (640, 1190, 2390)),
    "AX": Phone(0.07, (500, 1400, 2450)),
    "AO": Phone(0.17, (570, 840, 2410)),
    "UW": Phone(0.22, (340, 1250, 2300), glide=(310, 900, 2240)),  # fronted, as after /t/
    "AY": Phone(0.25, (730, 1150, 2440), glide=(360, 2050, 2600)),
    "EY": Phone(0.21, (500, 1850, 2500), glide=(320, 2230, 2800)),
    "OW": Phone(0.21, (540, 980, 2350), glide=(390, 780, 2300)),
    # sonorants
    "R": Phone(0.09, (330, 1100, 1450), (Part(voicing=0.75),)),
    "W": Phone(0.09, (290, 610, 2150), (Part(voicing=0.6),)),
    "N": Phone(0.11, (250, 1450, 2500), (Part(voicing=0.45),), damping=2.2),
    # fricatives
    "S": Phone(0.14, (320, 1390, 2530), (Part(frication=0.42, noise=_HISS),)),
    "Z": Phone(0.10, (260, 1390, 2530), (Part(voicing=0.3, frication=0.25, noise=_HISS),)),
    "F": Phone(0.07, (340, 1000, 2080), (Part(frication=0.07, noise=_PUFF),)),
    "V": Phone(0.08, (240, 1000, 2080), (Part(voicing=0.35, frication=0.06, noise=_PUFF),)),
    "TH": Phone(0.08, (320, 1290, 2540), (Part(frication=0.07, noise=_LISP),)),
    # stops: closure, burst, aspiration
    "T": Phone(0.13, (350, 1700, 2650), _stop(_ALVEOLAR, closure=0.40, aspirated=0.20)),
    "K": Phone(0.11, (320, 1950, 2500), _stop(_VELAR, closure=0.60, aspirated=0.15)),
}

PRONUNCIATIONS: dict[str, tuple[str, ...]] = {
    "zero": ("Z", "IH", "R", "OW"),
    "one": ("W", "AH", "N"),
    "two": ("T", "UW"),
    "three": ("TH", "R", "IY"),
    "four": ("F", "AO", "R"),
    "five": ("F", "AY", "V"),
    "six": ("S", "IH", "K", "S"),
    "seven": ("S", "EH", "V", "AX", "N"),
    "eight": ("EY", "T"),
    "nine": ("N", "AY", "N"),
}

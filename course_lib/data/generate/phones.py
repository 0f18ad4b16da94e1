"""The phones of the generated words: formant targets, sources and durations (ARPAbet names).

Vowel formants are the male averages of Peterson & Barney (1952), table II; consonant targets ("loci") and the division
into voicing, aspiration and frication follow Klatt (1980), Software for a cascade/parallel formant synthesizer, table
III. UX is the /u/ after /t, j, sh/, whose second formant begins high (Hillenbrand, Clark & Nearey, JASA 109, 2001).
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


def _stop(burst: Noise, *, closure: float, aspirated: float, noisy: float = 0.55) -> tuple[Part, ...]:
    return (
        Part(closure),
        Part(0.18, frication=noisy, noise=burst),
        Part(0.82 - closure, aspiration=aspirated, frication=0.05, noise=burst),
    )


def _voiced_stop(burst: Noise, *, noisy: float) -> tuple[Part, ...]:
    """The voice goes on, muffled, behind the closure, and is back right after the burst."""
    return (
        Part(0.60, voicing=0.10), Part(0.12, voicing=0.2, frication=noisy, noise=burst),
        Part(0.28, voicing=0.7),
    )


_HISS = (4400.0, 1600.0)   # /s/, /z/
_HUSH = (2900.0, 1300.0)   # /sh/, /ch/, /j/
_PUFF = (3400.0, 6000.0)   # /f/, /v/: nearly flat
_LISP = (4800.0, 5000.0)   # /th/, /dh/
_LABIAL = (1200.0, 2500.0)
_ALVEOLAR = (3600.0, 1800.0)
_VELAR = (2000.0, 700.0)

PHONES: dict[str, Phone] = {
    # vowels
    "IY": Phone(0.20, (270, 2290, 3010)),
    "IH": Phone(0.10, (390, 1990, 2550)),
    "EH": Phone(0.12, (530, 1840, 2480)),
    "AE": Phone(0.17, (660, 1720, 2410)),
    "AA": Phone(0.17, (730, 1090, 2440)),
    "AH": Phone(0.14, (640, 1190, 2390)),
    "AX": Phone(0.07, (500, 1400, 2450)),
    "AO": Phone(0.17, (570, 840, 2410)),
    "UH": Phone(0.11, (440, 1020, 2240)),
    "UW": Phone(0.22, (340, 1250, 2300), glide=(310, 900, 2240)),
    "UX": Phone(0.22, (330, 1800, 2400), glide=(300, 1150, 2250)),
    "ER": Phone(0.19, (490, 1350, 1690)),
    "AY": Phone(0.25, (730, 1150, 2440), glide=(360, 2050, 2600)),
    "EY": Phone(0.21, (500, 1850, 2500), glide=(320, 2230, 2800)),
    "OW": Phone(0.21, (540, 980, 2350), glide=(390, 780, 2300)),
    "AW": Phone(0.25, (730, 1150, 2440), glide=(400, 900, 2240)),
    "OY": Phone(0.27, (550, 840, 2410), glide=(360, 2000, 2550)),
    # sonorants
    "R": Phone(0.09, (330, 1100, 1450), (Part(voicing=0.75),)),
    "W": Phone(0.09, (290, 610, 2150), (Part(voicing=0.6),)),
    "Y": Phone(0.08, (260, 2070, 3020), (Part(voicing=0.55),)),
    "L": Phone(0.09, (310, 1050, 2880), (Part(voicing=0.6),)),
    "M": Phone(0.10, (250, 1050, 2130), (Part(voicing=0.65),), damping=2.2),
    "NG": Phone(0.12, (250, 2000, 2850), (Part(voicing=0.65),), damping=2.2),
    "N": Phone(0.11, (250, 1450, 2500), (Part(voicing=0.65),), damping=2.2),
    # fricatives
    "S": Phone(0.11, (320, 1390, 2530), (Part(frication=0.42, noise=_HISS),)),
    "Z": Phone(0.10, (260, 1390, 2530), (Part(voicing=0.3, frication=0.25, noise=_HISS),)),
    "F": Phone(0.07, (340, 1000, 2080), (Part(frication=0.11, noise=_PUFF),)),
    "V": Phone(0.08, (240, 1000, 2080), (Part(voicing=0.35, frication=0.09, noise=_PUFF),)),
    "TH": Phone(0.08, (320, 1290, 2540), (Part(frication=0.11, noise=_LISP),)),
    "DH": Phone(0.06, (270, 1290, 2540), (Part(voicing=0.4, frication=0.07, noise=_LISP),)),
    "SH": Phone(0.14, (300, 1840, 2750), (Part(frication=0.42, noise=_HUSH),)),
    "HH": Phone(0.07, (500, 1400, 2450), (Part(aspiration=0.25),)),  # takes the formants of the vowel after it
    # stops: closure, burst, aspiration or voice
    "P": Phone(0.12, (400, 1100, 2150), _stop(_LABIAL, closure=0.55, aspirated=0.15, noisy=0.25)),
    "T": Phone(0.15, (350, 1700, 2650), _stop(_ALVEOLAR, closure=0.40, aspirated=0.25, noisy=0.70)),
    "K": Phone(0.11, (320, 1950, 2500), _stop(_VELAR, closure=0.60, aspirated=0.15)),
    "B": Phone(0.09, (200, 1100, 2150), _voiced_stop(_LABIAL, noisy=0.15)),
    "D": Phone(0.08, (200, 1700, 2600), _voiced_stop(_ALVEOLAR, noisy=0.30)),
    "G": Phone(0.09, (200, 1990, 2500), _voiced_stop(_VELAR, noisy=0.30)),
    # affricates: a stop that opens into a hiss
    "CH": Phone(0.16, (350, 1800, 2820), (Part(0.40), Part(0.15, frication=0.55, noise=_HUSH),
                                          Part(0.45, frication=0.35, noise=_HUSH))),
    "JH": Phone(0.12, (260, 1800, 2820), (Part(0.45, voicing=0.10), Part(0.15, frication=0.4, noise=_HUSH),
                                          Part(0.40, voicing=0.3, frication=0.2, noise=_HUSH))),
}

STOPS = ("P", "T", "K", "B", "D", "G", "CH", "JH")
"""Phones whose first part is a closure."""

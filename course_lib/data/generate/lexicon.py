"""How words are pronounced: the ten digits, and a small lexicon of other short words (ARPAbet, General American)."""

DIGITS: dict[str, tuple[str, ...]] = {
    "zero": ("Z", "IH", "R", "OW"),
    "one": ("W", "AH", "N"),
    "two": ("T", "UX"),
    "three": ("TH", "R", "IY"),
    "four": ("F", "AO", "R"),
    "five": ("F", "AY", "V"),
    "six": ("S", "IH", "K", "S"),
    "seven": ("S", "EH", "V", "AX", "N"),
    "eight": ("EY", "T"),
    "nine": ("N", "AY", "N"),
}

_SPELLED = {
    "colours": """
        red R EH D, green G R IY N, blue B L UW, yellow Y EH L OW, black B L AE K, white W AY T, brown B R AW N,
        pink P IH NG K, grey G R EY, purple P ER P AX L""",
    "directions": """
        left L EH F T, right R AY T, up AH P, down D AW N, north N AO R TH, south S AW TH, east IY S T, west W EH S T,
        back B AE K""",
    "commands": """
        go G OW, stop S T AA P, on AA N, off AO F, start S T AA R T, play P L EY, pause P AO Z, open OW P AX N,
        close K L OW Z, next N EH K S T, wait W EY T, help HH EH L P, run R AH N, turn T ER N, move M UW V""",
    "answers": "yes Y EH S, no N OW, maybe M EY B IY",
    "numbers": """
        ten T EH N, eleven IH L EH V AX N, twelve T W EH L V, twenty T W EH N T IY, hundred HH AH N D R AX D""",
    "things": """
        bed B EH D, bird B ER D, cat K AE T, dog D AO G, house HH AW S, tree T R IY, boy B OY, song S AO NG,
        jump JH AH M P, cheese CH IY Z, shoe SH UX, fish F IH SH, this DH IH S, good G UH D, book B UH K, you Y UX""",
}


def _read(text: str) -> dict[str, tuple[str, ...]]:
    entries = (entry.split() for entry in text.split(","))
    return {word: tuple(phones) for word, *phones in entries}


TOPICS: dict[str, tuple[str, ...]] = {"digits": tuple(DIGITS)} | {t: tuple(_read(w)) for t, w in _SPELLED.items()}
"""Topic → its words, such as "colours"."""

PRONUNCIATIONS: dict[str, tuple[str, ...]] = DIGITS | {
    word: phones for text in _SPELLED.values() for word, phones in _read(text).items()
}
"""Word → its phones, keys of `generate.PHONES`; the ten digits come first."""

VARIANTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "zero": (("Z", "IY", "R", "OW"),),
    "two": (("T", "UW"),),
    "four": (("F", "AO"),),
    "five": (("F", "AY", "F"),),
    "seven": (("S", "EH", "V", "EH", "N"),),
    "north": (("N", "AO", "TH"),),
    "start": (("S", "T", "AA", "T"),),
    "turn": (("T", "AH", "N"),),
    "bird": (("B", "AH", "D"),),
    "hundred": (("HH", "AH", "N", "D", "R", "EH", "D"),),
}
"""Word → other ways to say it: without the /r/ of General American, with full vowels, without voice at the end."""

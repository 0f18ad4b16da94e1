"""Sounds made from numbers: deterministic by seed, free of licences, and there without a network.

Every generator returns float32 within ±1 and takes `sr` in hertz and `seed` where it draws random numbers.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "digits": ["formant_digit", "spoken_digits"],
        "formant": ["speech"],
        "instruments": ["instrument_note", "instrument_notes"],
        "music": ["chorales", "example"],
        "lexicon": ["PRONUNCIATIONS", "TOPICS"],
        "phones": ["PHONES", "Phone"],
        "signals": ["chirp", "clicks", "noise", "tone", "vibrato"],
        "voices": ["VOICES", "Voice", "random_voice", "random_voices"],
        "vowels": ["vowel"],
        "words": ["SpokenWord", "formant_word", "spoken_words"],
    },
)

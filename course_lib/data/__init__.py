"""Recordings and generated sounds: registered, checked, and the same for everyone.

    data.spoken_digits(speakers=["theo"])    real recordings, typed
    data.generate.spoken_digits()            the stand-in that needs no network
    data.load("spoken_digits", "*_0.wav")    verified local files of any registered set

A file is taken from the cache (`COURSE_DATA_DIR`, else the user's cache folder), from a mirror
(`COURSE_DATA_MIRROR`: a folder or a URL laid out like the cache), or from its public address, in this order. Its
SHA-256 is compared every time; what does not agree is an error, never a silent replacement.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["cli", "generate", "two_speakers"],
    submod_attrs={
        "errors": ["DataError", "DataUnavailable"],
        "length_buckets": ["length_buckets", "padding_share"],
        "registry": ["DataSet", "dataset", "datasets"],
        "store": ["load", "verify"],
        "two_speakers": ["TwoSpeakerMixtures"],
        "views.chorales": ["chorales"],
        "views.digits": ["SPEAKERS", "WORDS", "Digit", "digits_or_generated", "spoken_digits"],
        "views.examples": ["EXAMPLES", "example"],
        "views.librispeech": ["ReadSpeech", "librispeech"],
        "views.notes": ["DYNAMICS", "INSTRUMENTS", "Note", "instrument_notes"],
    },
)

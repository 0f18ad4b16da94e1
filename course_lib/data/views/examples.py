"""librosa's example recordings: music, speech and animals by a short key."""

import numpy as np

from course_lib import audio
from course_lib.data.errors import DataError
from course_lib.data.registry import dataset
from course_lib.data.store import load_files

# key → (file without suffix, what is heard). The keys are those of librosa.example.
EXAMPLES = {
    "brahms": (
        "Hungarian_Dance_number_5_-_Allegro_in_F_sharp_minor_(string_orchestra)",
        "Brahms, Hungarian Dance no. 5, string orchestra",
    ),
    "choice": ("admiralbob77_-_Choice_-_Drum-bass", "Admiral Bob, Choice: drums and bass"),
    "fishin": ("Karissa_Hobbs_-_Lets_Go_Fishin", "Karissa Hobbs, Let's Go Fishin': voice and band"),
    "humpback": ("glacier-bay-humpback", "song of a humpback whale, Glacier Bay"),
    "libri1": ("5703-47212-0000", "Ashiel Mystery, read by Garth Comira"),
    "libri2": ("3436-172162-0000", "The Age of Chivalry, read by Anders Lankford"),
    "libri3": ("198-209-0000", "Sense and Sensibility, read by Heather Barnett"),
    "nutcracker": (
        "Kevin_MacLeod_-_P_I_Tchaikovsky_Dance_of_the_Sugar_Plum_Fairy",
        "Tchaikovsky, Dance of the Sugar Plum Fairy, orchestra",
    ),
    "pibble": ("pibble", "a dog howling in her sleep"),
    "pistachio": (
        "442789__lena-orsa__happy-music-pistachio-ice-cream-ragtime",
        "The Piano Lady, Pistachio Ice Cream Ragtime: piano",
    ),
    "robin": ("456440__inspectorj__bird-whistling-robin-single-13", "a robin"),
    "sweetwaltz": ("147793__setuniman__sweet-waltz-0i-22mi", "Setuniman, Sweet Waltz: piano and strings"),
    "trumpet": ("sorohanro_-_solo-trumpet-06", "Mihai Sorohan, solo trumpet"),
    "vibeace": ("Kevin_MacLeod_-_Vibe_Ace", "Kevin MacLeod, Vibe Ace: vibraphone, piano and bass"),
}


def example(key: str, *, sr: int | None = None) -> tuple[np.ndarray, int]:
    """One of librosa's example recordings.

    Args:
        key: a key of `data.EXAMPLES`, such as "trumpet", "libri1" or "vibeace".
        sr: sampling rate in hertz; None keeps that of the file (22050).

    Returns:
        (x, sr): x is float32 (samples,). Author and licence are in the .txt file beside the recording.

    Raises:
        DataError: an unknown key; no data and no network.
    """
    if key not in EXAMPLES:
        raise DataError(f"there is no example {key!r}; there are {', '.join(EXAMPLES)}")
    stem = EXAMPLES[key][0]
    path, _ = load_files(dataset("librosa_examples"), [f"{stem}.ogg", f"{stem}.txt"])
    return audio.read(path, sr=sr)

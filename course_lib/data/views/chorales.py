"""Bach chorales in four voices."""

import json

import numpy as np

from course_lib.data.errors import DataError
from course_lib.data.registry import dataset
from course_lib.data.store import load_files

SPLITS = ("train", "valid", "test")


def chorales(split: str = "train") -> list[np.ndarray]:
    """Chorales as pitches per sixteenth note.

    Args:
        split: "train" (229 chorales), "valid" (76) or "test" (77).

    Returns:
        One int64 array (steps, 4) per chorale: MIDI pitches of soprano, alto, tenor and bass; -1 is a rest. A pitch
        that is held and one that is struck again look the same.

    Raises:
        DataError: an unknown split; no data and no network.
    """
    if split not in SPLITS:
        raise DataError(f"there is no split {split!r}; there are {', '.join(SPLITS)}")
    (path,) = load_files(dataset("jsb_chorales"), ["Jsb16thSeparated.json"])
    with path.open(encoding="utf-8") as file:
        return [np.array(piece, dtype=np.int64) for piece in json.load(file)[split]]

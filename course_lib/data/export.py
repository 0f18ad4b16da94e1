"""Generated sets as files, for other programs and for a look in a sound editor.

All writers are called alike, `writer(folder, seed=…, takes=…)`, and return the number of files; only digits have takes.
"""

import json
from pathlib import Path

from course_lib import audio
from course_lib.data import generate
from course_lib.data.views.digits import RATE as DIGIT_RATE
from course_lib.data.views.examples import EXAMPLES
from course_lib.data.views.notes import RATE as NOTE_RATE


def write_digits(folder: Path, *, seed: int = 0, takes: int = 10) -> int:
    """Write wav files named as in the recorded set, and alignments.json: file → [[phone, start, end], …] in seconds."""
    found = generate.spoken_digits(takes=range(takes), seed=seed)
    alignments = {}
    for item in found:
        name = f"{item.digit}_{item.speaker}_{item.take}.wav"
        audio.write(folder / name, item.audio(), DIGIT_RATE)
        alignments[name] = item.phones
    _write_json(folder / "alignments.json", alignments)
    return len(found) + 1


def write_notes(folder: Path, *, seed: int = 0, takes: int = 1) -> int:
    """Write wav files INSTRUMENT/INSTRUMENT_NOTE_DYNAMIC.wav; a sharp is written "s"."""
    found = generate.instrument_notes(seed=seed)
    for note in found:
        stem = f"{note.instrument.replace(' ', '-')}_{note.name.replace('#', 's')}_{note.dynamic}"
        audio.write(folder / note.instrument / f"{stem}.wav", note.audio(), NOTE_RATE)
    return len(found)


def write_examples(folder: Path, *, seed: int = 0, takes: int = 1) -> int:
    """Write KEY.wav for every key of `data.EXAMPLES`."""
    for key in EXAMPLES:
        audio.write(folder / f"{key}.wav", *generate.example(key, seed=seed))
    return len(EXAMPLES)


def write_chorales(folder: Path, *, seed: int = 0, takes: int = 1) -> int:
    """Write chorales.json in the form of the recorded set: {"train": […], "valid": […], "test": […]}."""
    splits = {"train": 60, "valid": 20, "test": 20}
    pieces = iter(generate.chorales(sum(splits.values()), seed=seed))
    content = {split: [next(pieces).tolist() for _ in range(count)] for split, count in splits.items()}
    _write_json(folder / "chorales.json", content)
    return 1


def _write_json(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), encoding="utf-8")


WRITERS = {
    "spoken_digits": write_digits,
    "instrument_notes": write_notes,
    "librosa_examples": write_examples,
    "jsb_chorales": write_chorales,
}

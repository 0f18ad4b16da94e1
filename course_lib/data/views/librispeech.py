"""Read English from LibriSpeech: utterances with their text, at 8 kHz, chosen by speaker.

The set is one archive per part; utterances are read out of it without unpacking to disk.
"""

import io
import tarfile
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import PurePosixPath

import numpy as np

from course_lib.audio.rates import resample
from course_lib.data.errors import DataError
from course_lib.data.registry import dataset
from course_lib.data.store import load_files
from course_lib.data.views.digits import RATE


@dataclass(frozen=True)
class ReadSpeech:
    """One utterance: float32 audio at 8 kHz, its text in lower case, and who read it."""

    samples: np.ndarray = field(repr=False, compare=False)
    text: str
    speaker: str
    name: str

    @property
    def seconds(self) -> float:
        """Duration."""
        return len(self.samples) / RATE


def librispeech(
    part: str = "dev-clean", *, speakers: Collection[str | int] | None = None, longest: float | None = None,
    minutes: float | None = None,
) -> list[ReadSpeech]:
    """Utterances of a part of LibriSpeech, sorted by name ("speaker-chapter-number").

    Args:
        part: "dev-clean": 5.4 hours by 40 speakers (337 MB).
        speakers: numbers of speakers, as text or not; None takes all.
        longest: leaves out what lasts longer, in seconds.
        minutes: stops when so much speech was read.

    Returns:
        At least one utterance.

    Raises:
        DataError: unknown part, no data and no network, a damaged archive, or nothing fits the selection.
    """
    if isinstance(speakers, str):
        raise TypeError(f"speakers should be a list of speakers, such as [{speakers!r}]")
    wanted = None if speakers is None else {str(speaker) for speaker in speakers}
    entry = dataset("librispeech")
    (path,) = load_files(entry, entry.names(f"{part}.tar.gz"))
    audio: dict[str, np.ndarray] = {}
    texts: dict[str, str] = {}
    seconds = 0.0
    try:
        with tarfile.open(path, "r:gz") as archive:
            for member in archive:
                name = PurePosixPath(member.name)
                if not member.isfile() or (wanted is not None and name.stem.split("-")[0] not in wanted):
                    continue
                if name.suffix == ".flac" and (minutes is None or seconds < 60 * minutes):
                    x = _read(archive.extractfile(member).read())
                    if longest is None or len(x) <= longest * RATE:
                        audio[name.stem] = x
                        seconds += len(x) / RATE
                elif name.name.endswith(".trans.txt"):
                    for line in archive.extractfile(member).read().decode().splitlines():
                        key, _, text = line.partition(" ")
                        texts[key] = text.lower()
                if minutes is not None and seconds >= 60 * minutes and audio.keys() <= texts.keys():
                    break                                               # the rest need not be unpacked
    except (tarfile.TarError, EOFError, OSError) as error:
        raise DataError(f"librispeech: {path} cannot be read ({error}); delete it and run this again") from None
    found = [ReadSpeech(x, texts[key], key.split("-")[0], key) for key, x in sorted(audio.items()) if key in texts]
    if not found:
        raise DataError(f"librispeech: no utterance of {part} fits: speakers {speakers}, longest {longest} s")
    return found


def _read(content: bytes) -> np.ndarray:
    import soundfile

    x, rate = soundfile.read(io.BytesIO(content), dtype="float32")
    return resample(x, rate, RATE)

"""Reading and writing wav, flac, ogg and mp3."""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from course_lib.audio.rates import resample
from course_lib.audio.valid import AudioError, checked_rate, checked_signal

SUFFIXES = (".wav", ".flac", ".ogg", ".mp3")

_SUBTYPES = {".wav": "PCM_16", ".flac": "PCM_16", ".ogg": "VORBIS", ".mp3": "MPEG_LAYER_III"}
_BLOCK = 1 << 16  # libvorbis overflows its stack when it is handed minutes of audio in one call
_STREAMED = 0x7FFFF000  # a wav written to a pipe declares a size near 2 or 4 GiB: unknown, not cut short


@dataclass(frozen=True)
class Info:
    """What the header of a file says: sampling rate in hertz, number of channels, samples per channel."""

    sr: int
    channels: int
    samples: int

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.samples / self.sr


def info(path: str | os.PathLike) -> Info:
    """Sampling rate, channels and length of an audio file, without loading it. Raises AudioError as `read` does."""
    path = Path(path)
    with _open(path) as file:
        samples = file.frames
        if not _length_is_known(path):
            samples = sum(iter(lambda: len(file.read(_BLOCK, dtype="float32")), 0))
        return Info(sr=file.samplerate, channels=file.channels, samples=samples)


def read(
    path: str | os.PathLike, *, sr: int | None = None, mono: bool = True, start: float = 0.0,
    duration: float | None = None,
) -> tuple[np.ndarray, int]:
    """Read an audio file.

    Args:
        path: a wav, flac, ogg or mp3 file.
        sr: sampling rate of the result in hertz; None keeps that of the file.
        mono: average the channels; otherwise they are kept.
        start: first second to read.
        duration: seconds to read, or as many as the file has from `start`; None reads to the end.

    Returns:
        (x, sr): x is float32 of shape (samples,), or (channels, samples) with mono=False, also for one channel.

    Raises:
        AudioError: the file is missing, empty, damaged, cut short, of another type, or holds NaN or infinity.
    """
    import soundfile

    path = Path(path)
    if sr is not None:
        checked_rate(sr)
    with _open(path) as file:
        rate = file.samplerate
        first, count = _span(path, start, duration, rate=rate, samples=file.frames)
        try:
            file.seek(first)
            x = file.read(count, dtype="float32", always_2d=True)
        except soundfile.LibsndfileError as error:
            raise AudioError(f"{path}: the audio data are damaged ({error.error_string}); fetch it again") from None
    if len(x) == 0:
        raise AudioError(f"{path}: no audio can be decoded from start={start} s on")
    if len(x) < count and _length_is_known(path):
        raise AudioError(f"{path} is cut short: {len(x)} of {count} samples can be decoded; fetch it again")
    if not np.isfinite(x).all():
        raise AudioError(f"{path} holds NaN or infinity; write it again from a finite signal")
    # A contiguous array per channel: a transposed view would make every later pass over time stride across channels.
    x = x.mean(axis=1, dtype=np.float32) if mono else np.ascontiguousarray(x.T)
    if sr is None or sr == rate:
        return x, rate
    return resample(x, rate, sr), int(sr)


def write(path: str | os.PathLike, x, sr: int, *, subtype: str | None = None) -> Path:
    """Write a signal to a wav, flac, ogg or mp3 file; the suffix chooses. Missing folders are made.

    The file appears whole or not at all: it is written beside its place and then renamed.

    Args:
        x: float array or tensor (samples,) or (channels, samples), within ±1.
        sr: sampling rate in hertz.
        subtype: a libsndfile subtype such as "FLOAT"; None takes 16-bit PCM, Vorbis or MPEG layer III.

    Returns:
        The path.

    Raises:
        AudioError: the signal is not finite, empty, clips, has another shape or type; the suffix or rate is unknown.
    """
    import soundfile

    path = Path(path)
    suffix = _check_suffix(path)
    rate = checked_rate(sr)
    x = checked_signal(x)
    peak = float(np.abs(x).max())
    if peak > 1.0:
        raise AudioError(
            f"{path}: the signal would clip, its peak is {peak:.3g} and full scale is 1; "
            "divide it by np.abs(x).max() or call audio.set_level first"
        )
    columns = np.atleast_2d(x).T
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=suffix)
        os.close(handle)
        with soundfile.SoundFile(
            temporary, "w", rate, columns.shape[1], subtype=subtype or _SUBTYPES[suffix], format=suffix[1:].upper()
        ) as file:
            for first in range(0, len(columns), _BLOCK):
                file.write(columns[first : first + _BLOCK])
        os.chmod(temporary, 0o666 & ~_umask())  # mkstemp made it private to this user
        os.replace(temporary, path)
    except (soundfile.LibsndfileError, ValueError, OSError) as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        detail = getattr(error, "error_string", None) or getattr(error, "strerror", None) or str(error)
        raise AudioError(f"cannot write {path} at {rate} Hz with {columns.shape[1]} channel(s): {detail}") from None
    return path


def _check_suffix(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise AudioError(f"{path}: the suffix {suffix!r} is unknown; use one of {', '.join(SUFFIXES)}")
    return suffix


def _span(path: Path, start: float, duration: float | None, *, rate: int, samples: int) -> tuple[int, int]:
    """First sample and number of samples of a partial read."""
    if not 0 <= start * rate < samples:
        raise AudioError(f"{path} lasts {samples / rate:.3f} s: start={start} lies outside")
    first = min(round(start * rate), samples - 1)
    if duration is None:
        return first, samples - first
    if not duration * rate >= 0.5:
        raise AudioError(f"{path}: duration={duration} s is less than one sample")
    return first, int(min(round(duration * rate), samples - first))


def _open(path: Path):
    """An open soundfile.SoundFile whose header has been checked."""
    import soundfile

    if not path.exists():
        raise AudioError(f"{path} does not exist; the working folder is {Path.cwd()}")
    _check_suffix(path)
    if path.is_dir():
        raise AudioError(f"{path} is a folder, not an audio file")
    if path.stat().st_size == 0:
        raise AudioError(f"{path} is empty (0 bytes); fetch or write it again")
    try:
        file = soundfile.SoundFile(path)
    except (soundfile.LibsndfileError, OSError) as error:
        detail = getattr(error, "error_string", None) or str(error)
        raise AudioError(f"{path} is no readable {path.suffix[1:]} file ({detail}); fetch it again") from None
    # libsndfile opens a wav that was cut short and says so only in its log; of an ogg it plays the whole pages.
    cut = re.search(r"data : (\d+) \(should be (\d+)\)", file.extra_info)
    cut_wav = cut and int(cut[2]) < int(cut[1]) < _STREAMED
    if cut_wav or (path.suffix.lower() == ".ogg" and not _ogg_is_whole(path)):
        file.close()
        raise AudioError(f"{path} is cut short: its header promises more audio than the file holds; fetch it again")
    if file.frames <= 0:
        file.close()
        raise AudioError(f"{path} holds no audio samples")
    return file


def _length_is_known(path: Path) -> bool:
    """False for an mp3 without a Xing or Info header, whose length libsndfile only guesses from its size."""
    if path.suffix.lower() != ".mp3":
        return True
    with path.open("rb") as file:
        head = file.read(1 << 16)  # an ID3 tag may stand before the first frame
    return b"Xing" in head or b"Info" in head


def _ogg_is_whole(path: Path) -> bool:
    """True if the last page of an ogg is complete and bears the end-of-stream flag (RFC 3533, section 6)."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - (1 << 17)))  # a page has at most 65307 bytes
        tail = file.read()
    page = tail[max(0, tail.rfind(b"OggS")) :]
    if len(page) < 27 or not page[5] & 4:
        return False
    segments = page[26]
    return len(page) >= 27 + segments + sum(page[27 : 27 + segments])


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask

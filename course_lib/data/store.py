"""Verified local files: cache → mirror → public address."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from course_lib.data.errors import DataError
from course_lib.data.registry import DataSet, dataset

# Checksums seen in this process, by path, time and size: a second load costs a stat per file.
_seen: dict[tuple[str, int, int], str] = {}


def cache_folder() -> Path:
    """Where downloads are kept: `COURSE_DATA_DIR`, else the user's cache folder of this system."""
    if named := os.environ.get("COURSE_DATA_DIR"):
        return Path(named).expanduser()
    import pooch

    return Path(pooch.os_cache("deep-audio-course"))


def mirror() -> str | None:
    """The mirror that `COURSE_DATA_MIRROR` names, a folder or a URL, or None."""
    return os.environ.get("COURSE_DATA_MIRROR") or None


def load(name: str, pattern: str = "*", *, progress: bool = True) -> list[Path]:
    """Local, verified files of a registered set; what is missing is downloaded.

    Args:
        name: a name of `course data list`, such as "spoken_digits".
        pattern: shell pattern for the file names, as a whole or in their last part.
        progress: show a bar on stdout while downloading.

    Returns:
        Paths in the order of the registry.

    Raises:
        DataError: unknown set or pattern; a file is missing, altered or cut short; no network; no room on the disk.
    """
    entry = dataset(name)
    return load_files(entry, entry.names(pattern), progress=progress)


def load_files(entry: DataSet, names: Sequence[str], *, progress: bool = True) -> list[Path]:
    """As `load`, for the given file names of a set."""
    paths, missing = {}, []
    for name in names:
        path = find_local(entry, name)
        if path is None:
            missing.append(name)
        else:
            paths[name] = path
    if missing:
        from course_lib.data.fetch import fetch

        paths |= fetch(entry, missing, cache=cache_folder(), mirror=_url_mirror(), progress=progress)
    return [paths[name] for name in names]


def find_local(entry: DataSet, name: str) -> Path | None:
    """The verified file in the cache or in a folder mirror; None where it has to be downloaded.

    A bad file in the cache counts as missing, since a download replaces it; one in a mirror is somebody's mistake and
    raises DataError.
    """
    cached = cache_folder() / entry.folder / name
    if cached.is_file() and sha256(cached) == entry.checksums[name]:
        return cached
    folder = mirror()
    if folder is None or _is_url(folder):
        return None
    if not Path(folder).expanduser().is_dir():
        raise DataError(f"COURSE_DATA_MIRROR={folder} is neither a folder nor a URL; correct it or unset it")
    path = Path(folder).expanduser() / entry.folder / name
    if not path.is_file():
        return None
    if sha256(path) != entry.checksums[name]:
        raise DataError(
            f"{path} in the mirror is damaged: its SHA-256 is not the registered one; "
            "copy it again or unset COURSE_DATA_MIRROR"
        )
    return path


def local_count(entry: DataSet) -> int:
    """How many files of a set lie in the cache or a folder mirror, good or bad: counted without reading them."""
    folders = [cache_folder() / entry.folder]
    if (named := mirror()) and not _is_url(named):
        folders.append(Path(named).expanduser() / entry.folder)
    return sum(any((folder / name).is_file() for folder in folders) for name in entry.checksums)


def verify(name: str) -> dict[str, list[str]]:
    """Compare every file of a set with its checksum, without downloading.

    Returns:
        File names under "cache", "mirror", "absent" and "damaged" (in the cache or the mirror).
    """
    entry = dataset(name)
    report: dict[str, list[str]] = {"cache": [], "mirror": [], "absent": [], "damaged": []}
    for file in entry.checksums:
        cached = cache_folder() / entry.folder / file
        if cached.is_file() and sha256(cached) != entry.checksums[file]:
            report["damaged"].append(file)
            continue
        try:
            path = find_local(entry, file)
        except DataError:
            if mirror() and not Path(mirror()).expanduser().is_dir():
                raise
            report["damaged"].append(file)
            continue
        report["absent" if path is None else "cache" if path == cached else "mirror"].append(file)
    return report


def sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal, remembered within the process as long as its time and size stay."""
    try:
        status = path.stat()
        key = (str(path), status.st_mtime_ns, status.st_size)
        if key not in _seen:
            with path.open("rb") as file:
                _seen[key] = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"cannot read {path} ({error.strerror}); mend its permissions or delete it") from None
    return _seen[key]


def _url_mirror() -> str | None:
    named = mirror()
    return named if named and _is_url(named) else None


def _is_url(text: str) -> bool:
    return text.startswith(("http://", "https://"))

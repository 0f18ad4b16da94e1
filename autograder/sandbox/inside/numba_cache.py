"""Compiled functions of librosa, found again: numba wants to write where it reads its cache.

The packages are read-only here, so numba would pass over the compiled functions that lie beside their sources and
compile each one again: seconds per session. Its cache is therefore a private folder that holds links to those files,
and copies of what the warm process compiled. A session that compiles something writes into its own folder only.
"""

import hashlib
import importlib.util
import os
from pathlib import Path

FOLDER = Path("/tmp/.numba")
PACKAGES = ("librosa",)
VARIABLE = "NUMBA_CACHE_DIR"


def fill() -> None:
    """Link what lies beside the sources into the folder, if numba is told to use it."""
    if os.environ.get(VARIABLE) != str(FOLDER):
        return
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for root in spec.submodule_search_locations if spec is not None else []:
            for file in Path(root).rglob("__pycache__/*.nb[ic]"):
                source = str(file.parent.parent)
                # numba's own name for the folder of a package
                place = FOLDER / f"{os.path.basename(source)}_{hashlib.sha1(source.encode()).hexdigest()}"
                place.mkdir(parents=True, exist_ok=True)
                (place / file.name).symlink_to(file)


def take() -> list[tuple[str, str | bytes]]:
    """All files of the folder: (path, where it leads or what it holds)."""
    found: list[tuple[str, str | bytes]] = []
    for folder, _, names in os.walk(FOLDER):
        for name in names:
            path = os.path.join(folder, name)
            found.append((path, os.readlink(path) if os.path.islink(path) else Path(path).read_bytes()))
    return found


def put(files: list[tuple[str, str | bytes]]) -> None:
    """Make them again, now that another folder lies over /tmp."""
    for folder in {os.path.dirname(path) for path, _ in files}:
        os.makedirs(folder)
    for path, content in files:
        if isinstance(content, str):
            os.symlink(content, path)
        else:
            Path(path).write_bytes(content)

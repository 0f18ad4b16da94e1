"""The register of data sets: names, files, checksums, addresses and licences.

It is read from `datasets/` of a checkout, from the copy inside an installed package, or from the folder that
`COURSE_DATA_REGISTRY` names (a teacher's own sets).
"""

import os
import re
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from course_lib.data.errors import DataError


@dataclass(frozen=True)
class DataSet:
    """One registered set. `checksums` maps each file name, relative to `folder`, to its SHA-256 in hexadecimal."""

    name: str
    title: str
    url: str
    folder: str
    files: int
    bytes: int
    licence: str
    citation: str
    homepage: str
    generated: str
    root: Path

    @cached_property
    def checksums(self) -> dict[str, str]:
        """File name → SHA-256. Raises DataError for a damaged list."""
        path = self.root / f"{self.name}.sha256"
        sums = {}
        for number, line in enumerate(_text(path).splitlines(), start=1):
            match = re.fullmatch(r"([0-9a-f]{64})  (.+)", line)
            name = match[2] if match else ""
            # A name becomes a path under the cache, so it must not lead out of it.
            if not match or PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
                raise DataError(f"{path}:{number}: not a line of sha256sum: {line[:80]!r}; restore the file from git")
            sums[name] = match[1]
        if len(sums) != self.files:
            raise DataError(f"{path} lists {len(sums)} files, the registry says {self.files}; restore it from git")
        return sums

    def names(self, pattern: str = "*") -> list[str]:
        """Names of the files that match a shell pattern, as a whole or in their last part. Raises DataError."""
        found = [n for n in self.checksums if fnmatchcase(n, pattern) or fnmatchcase(n.rsplit("/", 1)[-1], pattern)]
        if not found:
            sample = next(iter(self.checksums))
            raise DataError(f"{self.name}: no file matches {pattern!r}; names look like {sample!r}")
        return found

    def address(self, name: str, base: str | None = None) -> str:
        """Where a file is downloaded: its public URL, or under a mirror's `base`."""
        if base is None:
            return self.url + quote(name)
        return f"{base.rstrip('/')}/{quote(f'{self.folder}/{name}')}"

    @property
    def card(self) -> Path:
        """The Markdown card that describes the set."""
        return self.root / f"{self.name}.md"


def dataset(name: str) -> DataSet:
    """The registered set of that name. Raises DataError for an unknown one."""
    known = datasets()
    if name not in known:
        raise DataError(f"there is no data set {name!r}; there are {', '.join(known)}")
    return known[name]


def datasets() -> dict[str, DataSet]:
    """All registered sets by name. Raises DataError where the registry is missing or damaged."""
    return _read(_root())


def _root() -> Path:
    if named := os.environ.get("COURSE_DATA_REGISTRY"):
        return Path(named)
    installed = Path(__file__).parent / "_registry"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "datasets"


@lru_cache(maxsize=8)
def _read(root: Path) -> dict[str, DataSet]:
    path = root / "registry.toml"
    try:
        table = tomllib.loads(_text(path))
        return {name: DataSet(name=name, root=root, **entry) for name, entry in table.items()}
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise DataError(f"{path} is damaged ({error}); restore it from git") from None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path} ({error}); restore it from git or install the course again") from None

"""What else decides a verdict: the grader, the library that checks and answers call, Python and its packages."""

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.evidence.canonical import sha256_of
from autograder.processes import PACKAGE_ROOT

GRADER_PARTS = ("artefact", "examine", "grade", "intake", "model", "remote", "sandbox")
"""Packages of the autograder that a verdict goes through; their text is the grader's version."""
LIBRARIES = ("torch", "torchaudio", "numpy", "scipy", "librosa", "soundfile", "ipython")


@dataclass(frozen=True)
class Versions:
    """Hashes of the programs that grade.

    Args:
        grader: of the grader's own text.
        library: of `course_lib`, checks included.
        environment: versions of Python, of the machine's kind and of LIBRARIES, in words.
    """

    grader: str
    library: str
    environment: dict[str, str]

    @classmethod
    def here(cls, roots: Iterable[Path]) -> "Versions":
        """Those of this machine; `course_lib` is the first one found in `roots`, else the one beside this package."""
        found = [root / "course_lib" for root in (*roots, PACKAGE_ROOT) if (root / "course_lib").is_dir()]
        parts = [PACKAGE_ROOT / "autograder" / part for part in GRADER_PARTS]
        return cls(_text_digest(parts)[:16], _text_digest(found[:1])[:16], _environment())

    @property
    def environment_sha256(self) -> str:
        """A hash of the environment."""
        return sha256_of(self.environment)

    def differences(self, other: "Versions") -> list[str]:
        """What differs, in words: "torch 2.12.1, here 2.11.0"."""
        mine, theirs = ({"grader": v.grader, "course_lib": v.library, **v.environment} for v in (self, other))
        return [f"{name} {mine.get(name, 'absent')}, there {theirs.get(name, 'absent')}"
                for name in sorted(mine.keys() | theirs.keys()) if mine.get(name) != theirs.get(name)]

    def to_json(self) -> dict:
        """Plain data."""
        return asdict(self)


def _text_digest(folders: Iterable[Path]) -> str:
    """A hash of the Python files below these folders and of their places in them."""
    digest = hashlib.sha256()
    for folder in folders:
        for file in sorted(folder.rglob("*.py")):
            digest.update(f"{folder.name}/{file.relative_to(folder).as_posix()}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _environment() -> dict[str, str]:
    versions = {"python": platform.python_version(), "machine": platform.machine(), "system": platform.system()}
    for name in LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = "absent"
    return versions

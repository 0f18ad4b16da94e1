"""What a probe returns, and what probes share: a fresh interpreter, versions, the command that mends."""

import importlib.metadata
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.course import CourseError, find_root

State = Literal["ok", "info", "warn", "fail"]


@dataclass(frozen=True)
class Finding:
    """One row of the table."""

    what: str
    state: State
    seen: str
    mend: str = ""


def run_python(code: str) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a fresh interpreter; a library that crashes takes only that one with it."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=180)
    return done.returncode, done.stdout, done.stderr


def checkout() -> Path | None:
    """The checkout around the working directory, if there is one."""
    try:
        return find_root()
    except CourseError:
        return None


def version(name: str) -> str | None:
    """The installed version of a distribution, or None."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def install(*names: str) -> str:
    """The command that installs these packages in their tested versions."""
    root = checkout()
    constraints = " -c constraints.txt" if root is not None and (root / "constraints.txt").exists() else ""
    pins = {"torch": '"torch>=2.11,<2.13"', "torchaudio": '"torchaudio==2.11.*"'}
    return f"{this_python()} -m pip install{constraints} " + " ".join(pins.get(name, name) for name in names)


def this_python() -> str:
    """How to call this interpreter from the working directory."""
    path = Path(sys.executable)
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def last_line(text: str) -> str:
    """The last line of an error, where Python puts the reason."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no message"

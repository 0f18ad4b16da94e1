"""The course secret, and the keys that are made of it."""

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

from autograder.errors import CourseError

SECRET_FILE = "grading_seed"


def grading_seed(build: Path) -> str:
    """The course secret in `build`; made once, readable by its owner only. Two processes at once get the same one.

    Raises:
        OSError: the folder cannot be written.
        CourseError: the file is empty.
    """
    file = build / SECRET_FILE
    if not file.exists():
        _make(file)
    secret = file.read_text(encoding="utf-8").strip()
    if not secret:
        raise CourseError("the course secret is empty", file, None, "delete the file, and a new one will be made")
    return secret


def _make(file: Path) -> None:
    """Write a new secret beside `file`, then give it its name: never half of one, never over an existing one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(secrets.token_hex(32) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(temporary, file)
        except FileExistsError:  # another process was faster: its secret holds
            pass
        except OSError:  # a file system without hard links
            if not file.exists():
                os.replace(temporary, file)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)


def derived_key(secret: str, purpose: str) -> bytes:
    """A key for one purpose: whoever holds it learns nothing about the secret or about other keys."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()


def evidence_key(secret: str) -> bytes:
    """The key that seals the evidence. It never leaves the coordinator."""
    return derived_key(secret, "evidence")


def seed_key(secret: str, unit: str) -> bytes:
    """The key behind the private inputs of one unit; workers hold this one only."""
    return derived_key(secret, f"private inputs/{unit}")


def seed_mark(key: bytes, student: str) -> str:
    """What a record tells about the seed: the same for the same seed key and student, and nothing else."""
    return hmac.new(key, f"mark/{student}".encode(), hashlib.sha256).hexdigest()

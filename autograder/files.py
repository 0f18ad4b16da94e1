"""Write files so that a fault leaves nothing half written."""

import contextlib
import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from autograder.errors import CourseError

MENDS = {
    errno.ENOSPC: "free some disk space and run it again",
    errno.EDQUOT: "you are over your disk quota: free some space and run it again",
    errno.EROFS: "this checkout is read-only: work in a writable copy",
    errno.EACCES: "you may not write here: work in a checkout of your own",
    errno.EPERM: "you may not write here: work in a checkout of your own",
}


def write_all(texts: Mapping[Path, str]) -> None:
    """Write every text, or none: to temporary files beside their targets first, then renamed.

    Raises:
        CourseError: the disk is full, the checkout is read-only, …
    """
    ready: list[tuple[str, Path]] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            ready.append((temporary, path))
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(temporary, _mode(path))
        for temporary, path in ready:
            os.replace(temporary, path)
    except OSError as error:
        raise disk_error(error, path) from None
    finally:
        for temporary, _ in ready:
            with contextlib.suppress(OSError):
                os.unlink(temporary)


def disk_error(error: OSError, path: Path) -> CourseError:
    """What the operating system refused, as a sentence with a mend."""
    mend = MENDS.get(error.errno or 0, "nothing was changed")
    return CourseError(f"cannot be written: {error.strerror or error}", path, None, mend)


def _mode(path: Path) -> int:
    """The permissions of the file that is replaced, or what the umask gives a new one."""
    with contextlib.suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

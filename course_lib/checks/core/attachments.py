"""Files handed in beside the notebook: in a notebook they lie in the working directory, in the grader elsewhere."""

import contextlib
import contextvars
from collections.abc import Iterator, Mapping
from pathlib import Path

from course_lib.checks.core.failure import CheckFailed

_handed_in: contextvars.ContextVar[Mapping[str, Path] | None] = contextvars.ContextVar("handed_in", default=None)


def attached(name: str) -> Path:
    """Where the file `name` lies.

    Raises:
        CheckFailed: it was not handed in.
    """
    files = _handed_in.get()
    path = Path(name) if files is None else files.get(name)
    if path is None or not path.is_file():
        beside = "" if files is None else f" Beside your notebook lay: {', '.join(sorted(files)) or 'nothing'}."
        raise CheckFailed(f"there is no file {name}: hand it in beside the notebook, under this name.{beside}")
    return path


@contextlib.contextmanager
def attachments(files: Mapping[str, Path]) -> Iterator[None]:
    """Inside the block, `attached` finds these files and no others."""
    token = _handed_in.set(dict(files))
    try:
        yield
    finally:
        _handed_in.reset(token)

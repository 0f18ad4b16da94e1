"""The one exception for a fault in the course itself: what, where, and what to do about it."""

import difflib
from collections.abc import Iterable
from pathlib import Path


class CourseError(Exception):
    """A fault that the author or the user of the checkout can mend.

    Args:
        message: what is wrong, one sentence.
        file: where, shown relative to the working directory when it lies below it.
        line: the line in that file, counted from 1.
        mend: what to do, one sentence or a command.
    """

    def __init__(self, message: str, file: Path | str | None = None, line: int | None = None, mend: str = ""):
        super().__init__(message)
        self.message = message
        self.file = Path(file) if file is not None else None
        self.line = line
        self.mend = mend

    def __str__(self) -> str:
        place = ""
        if self.file is not None:
            place = short_path(self.file) + (f":{self.line}" if self.line else "") + ": "
        return place + self.message + (f" → {self.mend}" if self.mend else "")


class CourseErrors(CourseError):
    """Several faults at once, one per line."""

    def __init__(self, errors: Iterable[CourseError]):
        self.errors = list(errors)
        first = self.errors[0]
        super().__init__(first.message, first.file, first.line, first.mend)

    def __str__(self) -> str:
        return "\n".join(map(str, self.errors))


def raise_all(errors: Iterable[CourseError]) -> None:
    """Raise what was collected: nothing, the one error, or all of them together."""
    errors = list(errors)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise CourseErrors(errors)


def short_path(path: Path) -> str:
    """`path` relative to the working directory where that is shorter."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except (OSError, ValueError):
        return str(path)


def closest(word: str, names: Iterable[str]) -> str:
    """"Did you mean …" for an unknown name, or the list of known ones."""
    names = list(names)
    near = difflib.get_close_matches(word, names, n=3, cutoff=0.5)
    return f"did you mean {' or '.join(near)}?" if near else f"known: {', '.join(names) or 'none'}"

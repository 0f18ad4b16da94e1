"""The one exception that a check raises: a sentence for the student, without a traceback."""

import textwrap

WIDTH = 96
"""Columns of a message: front ends break longer lines in the middle of a word."""


class CheckFailed(AssertionError):
    """An answer does not meet its exercise; the message says what was seen and what that usually means.

    In a notebook only the message is shown: a traceback through the checks would teach nothing.
    """

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message

    def _render_traceback_(self) -> list[str]:
        """IPython shows these lines in place of a traceback."""
        lines = [part for line in self.message.splitlines() for part in textwrap.wrap(line, WIDTH) or [""]]
        return [f"✗ {line}" if i == 0 else f"  {line}" for i, line in enumerate(lines)]


def expect(condition: object, message: str) -> None:
    """Raise `CheckFailed(message)` unless `condition` holds."""
    if not condition:
        raise CheckFailed(message)


def passed(exercise: str, what: str) -> None:
    """Print the one line that a passing check leaves behind: what was tried, in words."""
    print(f"✓ {exercise}: {what}")

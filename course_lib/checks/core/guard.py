"""Around every call of an answer: what its code raises becomes one message, and stderr stays silent."""

import contextlib
import inspect
import traceback
from collections.abc import Iterator, Mapping
from typing import Any

from course_lib.checks.core.failure import CheckFailed
from course_lib.checks.core.quiet import quiet_stderr
from course_lib.checks.core.values import describe


@contextlib.contextmanager
def guard(
    what: str, args: tuple = (), kwargs: Mapping[str, Any] | None = None, *, answer: Any = None
) -> Iterator[None]:
    """Turn whatever the student's code raises into a message; keep stderr silent, which nbgrader scores as a fault."""
    with quiet_stderr():
        try:
            yield
        except (CheckFailed, KeyboardInterrupt):  # the student may press stop
            raise
        except BaseException as error:  # SystemExit too: exit() in an answer must not end the kernel
            message = _message(error, what, answer, args, kwargs or {})
            traceback.clear_frames(error.__traceback__)  # what the student's frames hold dies here, where it is quiet
            raise CheckFailed(message) from None


def _message(error: BaseException, what: str, answer: Any, args: tuple, kwargs: Mapping[str, Any]) -> str:
    called = f"Called with {_arguments(args, kwargs)}."
    if isinstance(error, RecursionError):
        return f"`{what}` calls itself without end. {called}"
    if isinstance(error, NotImplementedError) and _raised_by_hand(error):
        return f"`{what}` is not written yet. {_say(error)}".rstrip()
    return f"`{what}` raised {type(error).__name__}: {_say(error)}{_line_in(answer, error)}\n{called}"


def _say(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # its __str__ is the student's code
        return "(no message)"
    return text if len(text) <= 600 else text[:600] + "…"


def _raised_by_hand(error: BaseException) -> bool:
    """Whether a `raise` statement made the error; torch raises NotImplementedError for an operation it lacks."""
    frames = traceback.extract_tb(error.__traceback__)
    return not error.args or (bool(frames) and (frames[-1].line or "raise").startswith("raise"))


def _line_in(answer: Any, error: BaseException) -> str:
    """The line of the student's own cell where the error left it, if it can be told."""
    try:
        home = inspect.getsourcefile(answer) or ""
    except (TypeError, OSError):
        return ""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == home and f.line]
    return f"\nin line {frames[-1].lineno}: {frames[-1].line}" if frames else ""


def _arguments(args: tuple, kwargs: Mapping[str, Any]) -> str:
    parts = [describe(a) for a in args] + [f"{k}={describe(v)}" for k, v in kwargs.items()]
    return ", ".join(parts) or "no arguments"

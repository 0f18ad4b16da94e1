"""What students are told, in one place; and what is taken out of a text before they see it."""

import re

from autograder.examine.bounds import CheckTooSlow
from autograder.model.limits import Limits

KEPT_CHARACTERS = 4000
_PATH = re.compile(r"(?<![\w/.:·<])(?:[A-Za-z]:)?(?:[\\/][\w.+@~-]+){2,}")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_CONTROL = re.compile(  # marks of direction too: they show a text in another order than it was written
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
NOT_WRITTEN = re.compile(r"`[^`]*` is not written yet")
NAME_MISSING = re.compile(r"name '(\w+)' is not defined")


def clean(text: str) -> str:
    """`text` without folders of the machine, addresses in memory and control characters, capped.

    What is taken out would differ from run to run, or tell about the grader.
    """
    text = _harmless(text[: 2 * KEPT_CHARACTERS])
    return text if len(text) <= KEPT_CHARACTERS else text[: KEPT_CHARACTERS - 1] + "…"


def not_found(names: str) -> str:
    """A name that the graded cell needs does not exist."""
    return f"{names} does not exist: is the answer cell empty, or was the name changed?"


def not_written(name: str) -> str:
    """A variable is still `...`."""
    return f"`{name}` is not written yet."


def cell_raised(error: dict) -> str:
    """What a cell of the notebook raised: {"type", "message", "line"}, as the student's process tells it."""
    line = f" in line {error['line']}" if isinstance(error.get("line"), int) else ""
    return f"{error.get('type', 'an error')}{line}: {error.get('message', '')}"


def died(how: str, limits: Limits) -> str:
    """The student's process ended."""
    causes = {
        "memory": f"it used more than {limits.memory_bytes / 2**30:.1f} GiB of memory",
        "processes": f"it started more than {limits.processes} processes or threads",
        "CPU time": f"it computed for more than {limits.cell_cpu_seconds:g} s",
    }
    cause = next((text for word, text in causes.items() if word in how), None)
    return f"the process of your code ended: {cause or how}."


def too_slow(seconds: float) -> str:
    """No reply in time."""
    return f"no answer within {seconds:g} s: is there an endless loop, or a much slower way than the one asked for?"


def out_of_time(seconds: float) -> str:
    """The whole submission took too long."""
    return f"the time for the whole notebook, {seconds:g} s, was used up before this check."


def too_large(what: str) -> str:
    """A result beyond the limits."""
    return f"the result is too large: {what}"


def beyond(limits: Limits) -> str:
    """What `too_large` says of a reply that was not read."""
    return f"at most {limits.reply_bytes / 2**20:.0f} MiB may be returned."


TAMPERED = "the process of your code sent something that is not a result: was the connection to the grader written to?"
NO_DIGEST = "the check could not digest what your answer returned: "


def no_digest(error: BaseException) -> str:
    """The check raised, and passes with the model solution."""
    if isinstance(error, AssertionError):
        return f"an assertion of the check failed. {error}".rstrip()
    if isinstance(error, CheckTooSlow):
        return f"{NO_DIGEST}it took too long."
    return f"{NO_DIGEST}{type(error).__name__}: {error}"


def broken(error: BaseException) -> str:
    """The check raised, with the model solution too."""
    return f"this check failed by a fault of the course, not of your answer ({type(error).__name__}): not scored yet."


def clean_output(text: str) -> str:
    """What the submission printed, as `clean`, but whole: its length was bounded when it was read."""
    return _harmless(text)


def _harmless(text: str) -> str:
    text = _CONTROL.sub("", text)
    return _ADDRESS.sub("0x…", _PATH.sub(lambda m: re.split(r"[\\/]", m[0])[-1], text))

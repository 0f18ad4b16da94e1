"""What a check measured besides right or wrong: the score of a trained model, for the leaderboard."""

import contextlib
import contextvars
import math
from collections.abc import Iterator

_collected: contextvars.ContextVar[dict[str, float] | None] = contextvars.ContextVar("measured", default=None)


def measured(name: str, value: float) -> None:
    """Hand `value` to whoever collects; in a notebook nobody does. What is not finite is no score and is left out."""
    collected = _collected.get()
    if collected is not None and math.isfinite(value):
        collected[name] = float(value)


@contextlib.contextmanager
def collect_measured() -> Iterator[dict[str, float]]:
    """The values that the checks inside the block measure, by name."""
    collected: dict[str, float] = {}
    token = _collected.set(collected)
    try:
        yield collected
    finally:
        _collected.reset(token)

"""Where two JSON values differ, in words."""

from collections.abc import Iterator
from typing import Any

MAX_CHARACTERS = 60
NAMES = ("grade_id", "label", "what")
"""Entries of a list are called by the first of these that both have."""


def differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """One line per place: "results[test_stft].score: 3.0 → 4.0"."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            where = f"{path}.{key}" if path else str(key)
            if key not in new:
                yield f"{where}: gone"
            elif key not in old:
                yield f"{where}: added"
            else:
                yield from differences(old[key], new[key], where)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for at, (a, b) in enumerate(zip(old, new, strict=True)):
            yield from differences(a, b, f"{path}[{_name(a, b, at)}]")
    elif old != new or type(old) is not type(new):
        yield f"{path}: {_short(old)} → {_short(new)}"


def _name(a: Any, b: Any, at: int) -> str:
    for name in NAMES:
        if isinstance(a, dict) and isinstance(b, dict) and a.get(name) and a.get(name) == b.get(name):
            return str(a[name])[:MAX_CHARACTERS]
    return str(at)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= MAX_CHARACTERS else text[: MAX_CHARACTERS - 1] + "…"

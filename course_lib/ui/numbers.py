"""Numbers as text, the same way in every table: about three significant digits, aligned within a column."""

import math
import numbers
from collections.abc import Sequence

MISSING = "–"


def is_number(value: object) -> bool:
    """Whether `value` is a real number (numpy and 0-d torch scalars included, bool not)."""
    value = plain(value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def plain(value: object) -> object:
    """numpy and torch scalars as Python numbers; anything else unchanged."""
    if isinstance(value, numbers.Number) or getattr(value, "ndim", None) == 0:
        item = getattr(value, "item", None)
        return item() if callable(item) else value
    return value


def format_column(values: Sequence[object]) -> list[str]:
    """The cells of one table column as text; numbers share their count of decimals.

    >>> format_column([5.8, -0.1, None, 12.25])
    ['5.80', '−0.10', '–', '12.25']
    """
    values = [plain(v) for v in values]
    floats = [abs(v) for v in values if isinstance(v, float) and math.isfinite(v)]
    decimals = _decimals(max(floats, default=0.0))
    tiny = bool(floats) and 0 < max(floats) < 1e-3
    return [_format(v, decimals, tiny) for v in values]


def format_number(value: object, *, decimals: int | None = None) -> str:
    """One number as text, with a true minus sign and thousands set apart.

    >>> format_number(-1234.5)
    '−1,234'
    """
    value = plain(value)
    size = abs(value) if isinstance(value, float) and math.isfinite(value) else 0.0
    return _format(value, _decimals(size) if decimals is None else decimals, 0 < size < 1e-3 and decimals is None)


def _decimals(largest: float) -> int:
    """Decimals that keep three digits of the largest number, and never more than needed for 0.001."""
    return 0 if largest >= 1000 else 1 if largest >= 100 else 2 if largest >= 1 else 3


def _format(value: object, decimals: int, tiny: bool) -> str:
    if value is None:
        return MISSING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if isinstance(value, float):
        if math.isnan(value):
            return "nan"
        if math.isinf(value):
            return "∞" if value > 0 else "−∞"
        text = f"{value:.2e}" if tiny and value else f"{value:,.{decimals}f}"
        if set(text) <= set("-0."):  # no "-0.00"
            text = text.lstrip("-")
        return text.replace("-", "−")
    return str(value)

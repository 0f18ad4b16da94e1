"""Compare an answer with an oracle, and say what the difference usually means."""

import warnings
from collections.abc import Callable, Mapping
from itertools import permutations
from typing import Any

import numpy as np
import torch

from course_lib.checks.core.failure import CheckFailed, expect
from course_lib.checks.core.values import Data, as_array, describe, to_data

Mistakes = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
"""Sentence that names a mistake → the value that this mistake would give (or a function that computes it).

The whole table may be a function too: it is called only when an answer is wrong, which keeps right answers fast.
"""


def expect_close(
    got: Data, want: Data, what: str, *, rtol: float = 1e-5, atol: float = 1e-6, mistakes: Mistakes | None = None,
    context: str = "",
) -> None:
    """Raise `CheckFailed` unless `got` equals `want` in shape, in finiteness, and in value within the tolerances.

    Args:
        got: what the answer returned (any data).
        want: what an independent oracle says.
        what: the name of the quantity, for the message ("the spectrogram", "alpha").
        rtol, atol: |got - want| <= atol + rtol * max|want|: relative to the largest value, so that round-off in
            small entries of a large array does not count.
        mistakes: see `Mistakes`; when the answer equals one of these values, the message is its sentence.
        context: on what input ("for a signal of 801 samples").
    """
    where = f" {context}" if context else ""
    # Whatever the answer did to numpy's error settings, comparing must neither warn (on stderr) nor raise.
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected, answer = _wide(as_array(want)), as_array(to_data(got, what=what), what)
        real = not np.iscomplexobj(answer)
        answer = _wide(answer)
        _expect_shape(answer, expected, what, where, mistakes)
        if np.iscomplexobj(expected) and real:
            raise CheckFailed(
                f"{what} should be complex{where}, got real numbers: was the phase or the imaginary part dropped?"
            )
        _expect_finite(answer, expected, what, where)
        if _close(answer, expected, rtol, atol):
            return
        named = (
            _named_mistake(answer, expected, mistakes, rtol, atol)
            or _usual_mistake(answer, expected, rtol, atol)
            or _largest_difference(answer, expected) + _precision(answer, expected, rtol, atol)
        )
        raise CheckFailed(f"{what} is wrong{where}: {named}")


def expect_equal(got: Data, want: Data, what: str, *, mistakes: Mistakes | None = None, context: str = "") -> None:
    """Raise `CheckFailed` unless two exact values are equal: numbers, strings, and lists or dicts of them.

    Only the values count: 1, 1.0 and np.int64(1) are equal, a list equals the tuple or the array of the same values,
    and NaN equals NaN.
    """
    got, want = _plain(to_data(got, what=what)), _plain(to_data(want))
    if _equal(got, want):
        return
    where = f" {context}" if context else ""
    expect(got is not None, f"{what} is None{where}: does your function end in a `return`?")
    wrong = f"expected {describe(want)}, got {describe(got)}."
    for sentence, value in _table(mistakes).items():
        if _equal(got, _plain(to_data(value() if callable(value) else value))):
            raise CheckFailed(f"{what} is wrong{where}: {sentence} {wrong[0].upper()}{wrong[1:]}")
    raise CheckFailed(f"{what} is wrong{where}: {wrong}")


def _plain(value: Data) -> Data:
    """Arrays and tuples as lists, so that any of them may hold the answer; whole floats as integers."""
    if isinstance(value, (np.ndarray, torch.Tensor)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _equal(a: Data, b: Data) -> bool:
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_equal, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_equal(v, b[k]) for k, v in a.items())
    return bool(a == b) or (a != a and b != b)


def _wide(array: np.ndarray) -> np.ndarray:
    """In double precision: differences of booleans fail, of unsigned integers wrap, of float16 overflow."""
    return array.astype(np.complex128 if np.iscomplexobj(array) else np.float64)


def _expect_shape(answer: np.ndarray, expected: np.ndarray, what: str, where: str, mistakes: Mistakes | None) -> None:
    if answer.shape == expected.shape:
        return
    named = _named_mistake(answer, expected, mistakes, 1e-4, 1e-6)
    message = f"{what} should have shape {expected.shape}{where}, got {answer.shape}: "
    if named:
        raise CheckFailed(message + named)
    if sorted(answer.shape) == sorted(expected.shape):
        raise CheckFailed(message + "the axes are in another order. Is the operation along the axis the card names?")
    if answer.size == expected.size:
        raise CheckFailed(message + "the number of values is right: is an axis missing, or one too many?")
    off = [(i, a - e) for i, (a, e) in enumerate(zip(answer.shape, expected.shape, strict=False)) if a != e]
    if answer.ndim == expected.ndim and len(off) == 1:
        axis, extra = off[0]
        raise CheckFailed(message + f"axis {axis} is {abs(extra)} too {'long' if extra > 0 else 'short'}.")
    raise CheckFailed(message.rstrip(": ") + ".")


def _expect_finite(answer: np.ndarray, expected: np.ndarray, what: str, where: str) -> None:
    for test, name, cause in (
        (np.isnan, "NaN", "a division 0/0, or inf - inf?"),
        (np.isinf, "infinite", "a division by zero, or the log of zero?"),
    ):
        bad = test(answer) & ~test(expected)
        if bad.any():
            index = ", ".join(map(str, np.argwhere(bad)[0]))
            count = f"{int(bad.sum())} of {answer.size} values"
            raise CheckFailed(f"{what} has {name} values{where} ({count}, the first at [{index}]): {cause}")


def _close(a: np.ndarray, b: np.ndarray, rtol: float, atol: float) -> bool:
    if a.shape != b.shape:
        return False
    if a.size == 0:
        return True
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    finite = np.isfinite(b)
    scale = np.max(np.abs(b[finite]), initial=0.0)
    return bool(np.all(same | (finite & (np.abs(a - b) <= atol + rtol * scale))))


def _named_mistake(
    answer: np.ndarray, expected: np.ndarray, mistakes: Mistakes | None, rtol: float, atol: float
) -> str | None:
    rtol = max(rtol, 1e-4)
    for sentence, value in _table(mistakes).items():
        wrong = _wide(as_array(value() if isinstance(value, Callable) else value))
        # On some inputs a mistake changes nothing: it cannot be the cause then.
        if _close(answer, wrong, rtol, atol) and not _close(wrong, expected, rtol, atol):
            return sentence
    return None


def _precision(answer: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str:
    """A second sentence for an answer that is right but for round-off."""
    asked = f"{rtol:.0e}" if rtol else f"an error of at most {atol:g}"
    for wider in (1e-6, 1e-5, 1e-4):
        if wider > rtol and _close(answer, expected, wider, atol):
            return (
                f"\nThat is right to {wider:.0e} of the largest value; {asked} is asked for. Was something computed "
                "in a lower precision, with a rounded constant, or with an epsilon that is too large?"
            )
    return ""


def _table(mistakes: Mistakes | None) -> Mapping[str, Any]:
    return mistakes() if callable(mistakes) else mistakes or {}


def _usual_mistake(answer: np.ndarray, expected: np.ndarray, rtol: float, atol: float) -> str | None:
    """The mistakes that can be seen from the numbers alone."""
    def same(x: np.ndarray) -> bool:
        # A symmetric or constant array equals its own mirror image: that explains nothing.
        return _close(answer, x, max(rtol, 1e-4), atol) and not _close(x, expected, max(rtol, 1e-4), atol)

    if (np.isfinite(answer) != np.isfinite(expected)).any():
        return None  # a NaN or an infinity is missing: the place says more than a pattern in the rest
    if not np.any(answer) and np.any(expected):
        return "every value is zero."
    if same(-expected):
        return "every sign is flipped."
    if np.iscomplexobj(expected) and same(expected.conj()):
        return "it is the complex conjugate of the right one: check the sign in the exponent."
    for axes in permutations(range(min(expected.ndim, 4))):
        axes += tuple(range(4, expected.ndim))
        if axes != tuple(range(expected.ndim)) and expected.shape == expected.transpose(axes).shape and same(
            expected.transpose(axes)
        ):
            return "two axes are swapped."
    for axis in range(expected.ndim):
        if same(np.flip(expected, axis)):
            return f"it is reversed along axis {axis}."
        for shift in (1, -1):
            if expected.shape[axis] > 2 and _shifted(answer, expected, axis, shift, same):
                return f"it is shifted by one along axis {axis}: an index is off by one."
    return _usual_scale(answer, expected, same)


def _shifted(answer: np.ndarray, expected: np.ndarray, axis: int, shift: int, same: Callable) -> bool:
    rolled = np.roll(expected, shift, axis)
    edge = [slice(None)] * expected.ndim
    edge[axis] = slice(0, 1) if shift > 0 else slice(-1, None)
    rolled[tuple(edge)] = answer[tuple(edge)]
    return same(rolled)


def _usual_scale(answer: np.ndarray, expected: np.ndarray, same: Callable) -> str | None:
    if expected.size < 2 and not np.iscomplexobj(expected):
        return None
    power = np.vdot(expected, expected).real
    if not np.isfinite(power) or power == 0:
        return None
    factor = np.vdot(expected, answer) / power
    if abs(factor) > 0 and same(factor * expected):
        shown = f"{factor.real:.6g}" if abs(factor.imag) < 1e-6 * abs(factor) else f"{factor:.4g}"
        return f"every value is {shown} times the right one: is a normalisation missing, or applied twice?"
    offset = np.mean(answer - expected)
    if same(expected + offset):
        return f"every value is off by the same {offset:.6g}."
    return None


def _largest_difference(answer: np.ndarray, expected: np.ndarray) -> str:
    same = (answer == expected) | (np.isnan(answer) & np.isnan(expected))
    error = np.where(same, 0.0, np.nan_to_num(np.abs(answer - expected), nan=np.inf, posinf=np.inf))
    index = np.unravel_index(int(np.argmax(error)), error.shape)
    at = f" at [{', '.join(map(str, index))}]" if index else ""
    return f"expected {expected[index]:.6g}{at}, got {answer[index]:.6g} (the largest difference)."

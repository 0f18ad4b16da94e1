"""What may cross between a check and an answer: plain data, nothing that runs.

None, bool, int, float, complex, str, bytes, numpy arrays and torch tensors, and lists, tuples and dicts of these.

Values that come back are judged by their real type (`_is`), never by what they say of themselves, and are copied with
the methods of the base class: an object that equals everything, or a tensor that answers for itself, has no say.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from course_lib.checks.core.failure import CheckFailed

Data = Any
MAX_DEPTH = 8
MAX_VALUES = 4_000_000
MAX_BYTES = 2**30
_PLAIN_IDS = frozenset(map(id, (bool, int, float, complex, str, bytes, type(None))))
_PLAIN_ARRAY_IDS = frozenset(map(id, (bool, int, float, complex, np.ndarray, torch.Tensor)))
_TO_BASE = {
    int: int.__int__, float: float.__float__, complex: complex.__complex__, str: str.__str__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
}
_NUMBERS, _TEXT = "biufc", "US"


def to_data(value: Any, *, what: str = "the result", depth: int = 0) -> Data:
    """Copy `value` into plain data; torch tensors are detached and moved to the CPU, subclasses reduced to their base.

    Raises:
        CheckFailed: the value is, or holds, something that is not data (a function, a generator, an open file ...), is
            nested more than 8 levels deep, or holds more than 4 million values outside of arrays or 1 GiB in one.
    """
    return _Copier(what).copy(value, depth)


class _Copier:
    """One copy of one value: counts what it holds, so that a list of lists of lists cannot grow without end."""

    def __init__(self, what: str):
        self._what = what
        self._left = MAX_VALUES

    def copy(self, value: Any, depth: int) -> Data:
        self._left -= 1
        if self._left < 0:
            raise CheckFailed(f"{self._what} holds more than {MAX_VALUES} values: return an array, or less.")
        if depth > MAX_DEPTH:
            raise CheckFailed(f"{self._what} is nested more than {MAX_DEPTH} levels: return a flat list or an array.")
        if id(type(value)) in _PLAIN_IDS:
            return value
        if _is(value, torch.Tensor):
            return _tensor(value, self._what)
        if _is(value, np.ndarray) or _is(value, np.generic):
            return _array(value, self._what)
        if _is(value, dict):
            return {self._key(k): self.copy(v, depth + 1) for k, v in dict.items(value)}
        for kind in (list, tuple):  # a named tuple counts as a tuple
            if _is(value, kind):
                return kind(self.copy(v, depth + 1) for v in kind.__iter__(value))
        for kind, to_base in _TO_BASE.items():
            if _is(value, kind):
                return to_base(value)
        if issubclass(type(value), Mapping):
            return {self._key(k): self.copy(value[k], depth + 1) for k in list(value)}
        raise CheckFailed(f"{self._what} is a {type(value).__name__}, which is not data: {_mend(value)}")

    def _key(self, key: Any) -> Data:
        plain = self.copy(key, MAX_DEPTH - 1)  # a tuple of plain values, at most
        if isinstance(plain, (list, dict, np.ndarray, torch.Tensor)):
            raise CheckFailed(f"{self._what} has a {type(key).__name__} as a key: use a number or a string.")
        return plain


def _is(value: Any, kind: type) -> bool:
    """Like `isinstance`, but `value.__class__` is not asked: any object can lie there."""
    return type.__subclasscheck__(kind, type(value))


def _tensor(value: torch.Tensor, what: str) -> torch.Tensor:
    if type(value).__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:  # its values are computed by its own code
        raise CheckFailed(f"{what} is a {type(value).__name__}: return a plain torch.Tensor.")
    try:
        with torch._C.DisableTorchFunctionSubclass():  # the methods of the base class, which return the base class
            plain = torch.Tensor.detach(value)
            _expect_size(plain.numel() * plain.element_size(), what)
            if plain.layout is not torch.strided:
                plain = plain.to_dense()
            return plain.to("cpu").clone().resolve_conj().resolve_neg()
    except (RuntimeError, TypeError) as error:
        raise CheckFailed(f"{what} is a {type(value).__name__} whose values cannot be read: {error}") from None


def _array(value: np.ndarray | np.generic, what: str) -> Data:
    """A plain copy of an array; a numpy scalar becomes a Python one."""
    if _is(value, np.generic):
        scalar = np.generic.item(value)
        if _is(scalar, np.floating) or _is(scalar, np.complexfloating):  # longdouble has no Python counterpart
            scalar = complex(scalar) if _is(scalar, np.complexfloating) else float(scalar)
        if id(type(scalar)) not in _PLAIN_IDS:
            raise CheckFailed(f"{what} is a {type(value).__name__}, which is not data: {_mend(None)}")
        return scalar
    dtype = np.ndarray.dtype.__get__(value)
    if dtype.hasobject:
        raise CheckFailed(f"{what} is an array of Python objects (dtype object): are its rows of different lengths?")
    if dtype.kind not in _NUMBERS + _TEXT:
        raise CheckFailed(f"{what} is an array of {dtype}: return an array of numbers.")
    _expect_size(np.ndarray.nbytes.__get__(value), what)
    return np.array(value, copy=True, subok=False)


def _expect_size(size: int, what: str) -> None:
    if size > MAX_BYTES:
        raise CheckFailed(f"{what} takes {size / 2**30:.1f} GiB: did two axes broadcast against each other?")


def _mend(value: Any) -> str:
    if hasattr(type(value), "__next__") or type(value) in (range, map, filter, zip, set, frozenset):
        return "turn it into a list first."
    if callable(value):
        return "did you forget to call it?"
    return "return numbers, strings, lists, numpy arrays or torch tensors."


def fresh(value: Data) -> Data:
    """A copy to hand to an answer, so that writing into an input cannot reach the oracle.

    Strides are kept (a non-contiguous input must stay non-contiguous), unless elements overlap in memory; what was
    one object in two places of a list becomes two.
    """
    if isinstance(value, torch.Tensor):
        if overlaps(value.shape, value.stride(), 1) or value.layout is not torch.strided:
            copied = value.detach().clone()
        else:
            copied = torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device=value.device)
            copied.copy_(value.detach())
        return copied.requires_grad_(value.requires_grad)
    if isinstance(value, np.ndarray):
        if value.flags.c_contiguous or value.dtype.hasobject or overlaps(value.shape, value.strides, value.itemsize):
            return value.copy()
        return with_strides(value, value.strides)
    if isinstance(value, dict):
        return {k: fresh(v) for k, v in value.items()}
    if type(value) in (list, tuple):
        return type(value)(map(fresh, value))
    return value


def overlaps(shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int) -> bool:
    """Whether two elements may share memory, as in a broadcast array or a sliding window."""
    reach = itemsize
    for stride, size in sorted((abs(s), n) for s, n in zip(strides, shape, strict=True) if n > 1):
        if stride < reach:
            return True
        reach = stride * (size - 1) + reach
    return False


def with_strides(value: np.ndarray, strides: tuple[int, ...]) -> np.ndarray:
    """A copy of `value` whose elements lie `strides` bytes apart; they must not overlap."""
    if value.size == 0:
        return value.copy(order="K")
    steps = [stride * (size - 1) for stride, size in zip(strides, value.shape, strict=True)]
    before = -sum(step for step in steps if step < 0)
    after = sum(step for step in steps if step > 0)
    block = np.zeros(before + after + value.itemsize, np.uint8)
    copied = np.ndarray(value.shape, value.dtype, buffer=block, offset=before, strides=strides)
    copied[...] = value
    return copied


def describe(value: Data) -> str:
    """A short picture of a value for a message: kind, dtype and shape of arrays, the value itself when it is small."""
    if _is(value, np.ndarray) or _is(value, torch.Tensor):
        kind = "tensor" if _is(value, torch.Tensor) else "array"
        dtype = str(value.dtype).removeprefix("torch.")
        return f"{dtype} {kind} of shape {tuple(value.shape)}"
    kind = type(value).__name__
    if _is(value, int) and abs(value) >= 10**18:
        digits = int(math.log10(abs(value))) if value.bit_length() < 900 else int(value.bit_length() * math.log10(2))
        return f"{'-' if value < 0 else ''}{kind} of about 10^{digits}" if digits > 50 else repr(value)
    if _is(value, list) or _is(value, tuple):
        value = value[:64]  # the rest would be cut off below
    try:
        text = repr(value)
    except Exception:  # the object of a student may refuse to be shown, and a very long int does
        return f"a {kind}"
    return text if len(text) <= 60 else f"{kind} {text[:56]}…"


def as_array(value: Data, what: str = "the result") -> np.ndarray:
    """Numbers, nested lists, arrays or tensors as one numpy array.

    No method of the value runs: what is not plain already is copied by `to_data` first.

    Raises:
        CheckFailed: the value is not numeric, or its rows differ in length.
    """
    if value is None:
        raise CheckFailed(f"{what} is None: does your function end in a `return`?")
    if id(type(value)) not in _PLAIN_ARRAY_IDS or (_is(value, np.ndarray) and value.dtype.hasobject):
        value = to_data(value, what=what)
    try:
        array = np.asarray(_without_torch(value))
        if array.dtype == object and all(isinstance(v, (int, float)) for v in array.flat):
            array = array.astype(np.float64)  # whole numbers beyond 64 bits
    except ValueError:
        raise CheckFailed(f"{what} has rows of different lengths: expected a rectangular array.") from None
    except OverflowError:
        raise CheckFailed(f"{what} has whole numbers that no float can hold: {describe(value)}.") from None
    if array.dtype.kind not in _NUMBERS:
        raise CheckFailed(f"{what} should be numbers, got {describe(value)}.")
    return array


def _without_torch(value: Data) -> Data:
    """`value` with every tensor in it as a numpy array; dtypes that numpy lacks become the next larger one."""
    if isinstance(value, torch.Tensor):
        value = value.detach().to("cpu").resolve_conj().resolve_neg()
        if value.is_complex():
            return value.to(torch.complex64 if value.dtype != torch.complex128 else value.dtype).numpy()
        if value.is_floating_point():
            return value.to(torch.float32 if value.dtype != torch.float64 else value.dtype).numpy()
        return value.numpy()
    if isinstance(value, (list, tuple)):
        return [_without_torch(v) if isinstance(v, (torch.Tensor, list, tuple)) else v for v in value]
    return value

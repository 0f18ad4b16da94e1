"""What may cross between a check and an answer: plain data, nothing that runs.

None, bool, int, float, complex, str, bytes, numpy arrays and torch tensors, and lists, tuples and dicts of these.
"""

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from course_lib.checks.core.failure import CheckFailed

Data = Any
MAX_DEPTH = 8
_PLAIN = (bool, int, float, complex, str, bytes, type(None), np.bool_, np.number)


def to_data(value: Any, *, what: str = "the result", depth: int = 0) -> Data:
    """Copy `value` into plain data; torch tensors are detached and moved to the CPU, subclasses reduced to their base.

    Raises:
        CheckFailed: the value is, or holds, something that is not data (a function, a generator, an open file ...).
    """
    if depth > MAX_DEPTH:
        raise CheckFailed(f"{what} is nested more than {MAX_DEPTH} levels deep: return a flat list or an array.")
    if type(value) in _PLAIN or isinstance(value, np.generic):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, torch.Tensor):
        return value.detach().to("cpu").as_subclass(torch.Tensor).clone().resolve_conj().resolve_neg()
    if isinstance(value, np.ndarray):
        return _array(value, what)
    if isinstance(value, Mapping):
        return {to_data(k, what=what): to_data(v, what=what, depth=depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return type_of(value)(to_data(v, what=what, depth=depth + 1) for v in value)
    raise CheckFailed(f"{what} is a {type(value).__name__}, which is not data: {_mend(value)}")


def _array(value: np.ndarray, what: str) -> np.ndarray:
    if value.dtype == object:
        raise CheckFailed(f"{what} is an array of Python objects (dtype object): are its rows of different lengths?")
    return np.array(value, copy=True, subok=False)


def type_of(value: list | tuple) -> type:
    """`list` or `tuple`; a named tuple counts as a tuple."""
    return list if isinstance(value, list) else tuple


def _mend(value: Any) -> str:
    if hasattr(value, "__next__") or isinstance(value, (range, map, filter, zip, set, frozenset)):
        return "turn it into a list first."
    if callable(value):
        return "did you forget to call it?"
    return "return numbers, strings, lists, numpy arrays or torch tensors."


def fresh(value: Data) -> Data:
    """A copy to hand to an answer, so that writing into an input cannot reach the oracle."""
    if isinstance(value, torch.Tensor):
        return value.detach().clone(memory_format=torch.preserve_format).requires_grad_(value.requires_grad)
    if isinstance(value, np.ndarray):
        # Keep the strides: a non-contiguous input must stay non-contiguous.
        return value.copy(order="K") if value.flags.c_contiguous else _same_strides(value)
    return copy.deepcopy(value)


def _same_strides(value: np.ndarray) -> np.ndarray:
    base = np.zeros((*value.shape, 2), value.dtype)
    view = base[..., 0]
    view[...] = value
    return view


def describe(value: Data) -> str:
    """A short picture of a value for a message: kind, dtype and shape of arrays, the value itself when it is small."""
    if isinstance(value, (np.ndarray, torch.Tensor)):
        kind = "tensor" if isinstance(value, torch.Tensor) else "array"
        dtype = str(value.dtype).removeprefix("torch.")
        return f"{dtype} {kind} of shape {tuple(value.shape)}"
    text = repr(value)
    return text if len(text) <= 60 else f"{type(value).__name__} {text[:56]}…"


def as_array(value: Data, what: str = "the result") -> np.ndarray:
    """Numbers, nested lists, arrays or tensors as one numpy array.

    Raises:
        CheckFailed: the value is not numeric, or its rows differ in length.
    """
    if value is None:
        raise CheckFailed(f"{what} is None: does your function end in a `return`?")
    if isinstance(value, torch.Tensor):
        return value.detach().to("cpu").resolve_conj().resolve_neg().to(_numpy_ready(value.dtype)).numpy()
    if isinstance(value, (list, tuple)) and any(isinstance(v, torch.Tensor) for v in value):
        value = [as_array(v, what) for v in value]
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise CheckFailed(f"{what} has rows of different lengths: expected a rectangular array.") from error
    if array.dtype.kind not in "biufc":
        raise CheckFailed(f"{what} should be numbers, got {describe(value)}.")
    return array


def _numpy_ready(dtype: torch.dtype) -> torch.dtype:
    return torch.float32 if dtype in (torch.bfloat16, torch.float16) else dtype

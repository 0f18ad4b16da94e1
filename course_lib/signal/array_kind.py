"""Numpy in, numpy out; torch in, torch out: one decorator, so that each transform is written once, in torch."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np
import torch
from torch import Tensor


def same_kind(function: Callable) -> Callable:
    """Let a function of torch tensors also take numpy arrays (or lists) as its first argument and answer in numpy.

    Integers become float32; float32, float64, complex64 and complex128 keep their precision.

    >>> double = same_kind(lambda x: 2 * x)
    >>> double(np.array([1, 2]))
    array([2., 4.], dtype=float32)
    >>> double(torch.tensor([1.0]))
    tensor([2.])
    """

    @wraps(function)
    def wrapper(x: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(x, Tensor):
            return function(floating(x), *args, **kwargs)
        return to_numpy(function(to_tensor(x), *args, **kwargs))

    return wrapper


def to_tensor(x: Any) -> Tensor:
    """A floating or complex CPU tensor of an array or list; copied only where torch cannot share the memory."""
    if isinstance(x, Tensor):
        return floating(x)
    x = np.asarray(x)
    if x.dtype.kind not in "biufc":
        raise TypeError(f"expected an array of numbers, got one of dtype {x.dtype}")
    shareable = x.flags.writeable and x.dtype.isnative and all(stride >= 0 for stride in x.strides)
    return floating(torch.from_numpy(x if shareable else np.array(x, x.dtype.newbyteorder("="), order="C")))


def floating(x: Tensor) -> Tensor:
    """`x`, as float32 if it holds integers."""
    return x if x.is_floating_point() or x.is_complex() else x.to(torch.float32)


def to_numpy(value: Any) -> Any:
    """Tensors as arrays, inside tuples too; anything else as it is."""
    if isinstance(value, Tensor):
        return value.detach().cpu().resolve_conj().numpy()
    if isinstance(value, tuple):
        return tuple(to_numpy(v) for v in value)
    return value

"""Arrays and tensors as a dtype's name and raw bytes, and back."""

import re
from math import prod

import numpy as np
import torch

from autograder.remote.wire import WireError

MAX_DIMENSIONS = 32
MAX_LENGTH = 1 << 48
NUMPY_DTYPE = re.compile(r"[<>|=]?(?:b1|[iu](?:1|2|4|8)|f(?:2|4|8|12|16)|c(?:8|16|24|32)|[SU][0-9]{1,8})")
TORCH_DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.bool, torch.uint8, torch.uint16, torch.uint32, torch.uint64, torch.int8, torch.int16, torch.int32,
        torch.int64, torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64,
        torch.complex128, torch.float8_e4m3fn, torch.float8_e5m2,
    )
}
_BEYOND_NUMPY = {torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2}


def numpy_dtype(name: object) -> np.dtype:
    """The dtype of that name; only plain numbers, bytes and text have one.

    Raises:
        WireError: any other name.
    """
    if not isinstance(name, str) or not NUMPY_DTYPE.fullmatch(name):
        raise WireError(f"no dtype of numbers or text: {name!r:.40}")
    try:
        return np.dtype(name)
    except TypeError:  # a float of another machine's size
        raise WireError(f"no dtype of this machine: {name!r:.40}") from None


def array_bytes(array: np.ndarray) -> memoryview | bytes:
    """The elements in C order."""
    if array.nbytes < 1 << 16:
        return array.tobytes()
    array = np.ascontiguousarray(array)
    return array.reshape(-1).view(np.uint8).data


def tensor_bytes(tensor: torch.Tensor) -> memoryview | bytes:
    """The elements of a CPU tensor in C order."""
    tensor = tensor.detach()
    if tensor.is_complex() or tensor.is_neg():
        tensor = tensor.resolve_conj().resolve_neg()
    if tensor.dtype not in _BEYOND_NUMPY:
        return array_bytes(tensor.numpy())
    flat = tensor.contiguous().reshape(-1)
    if flat.numel() and flat.stride(0) != 1:  # one element counts as contiguous whatever its stride
        flat = flat.clone(memory_format=torch.contiguous_format).as_strided((flat.numel(),), (1,))
    return array_bytes(flat.view(torch.uint8).numpy()) if flat.numel() else b""


def expect_shape(shape: object, itemsize: int, size: int) -> tuple[int, ...]:
    """`shape` as a tuple, if its elements fill `size` bytes exactly.

    Raises:
        WireError: it is no shape, or of another size.
    """
    if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise WireError("no shape")
    if not all(type(n) is int and 0 <= n <= MAX_LENGTH for n in shape):
        raise WireError("no shape")
    if prod(shape) * itemsize != size or (itemsize == 0 and prod(shape) > 1 << 20):
        raise WireError(f"a shape that does not fit its {size} bytes")
    return tuple(shape)


def read_array(name: object, shape: object, data: memoryview) -> np.ndarray:
    """A writable array of its own memory.

    Raises:
        WireError: dtype, shape and bytes do not belong together, or bytes that no such array holds.
    """
    dtype = numpy_dtype(name)
    sizes = expect_shape(shape, dtype.itemsize, len(data))
    try:
        if dtype.kind == "b":  # a boolean that is neither 0 nor 1 is undefined behaviour
            return (np.frombuffer(data, np.uint8) != 0).reshape(sizes)
        if dtype.kind == "U":
            _expect_characters(data, dtype)
        return np.ndarray(sizes, dtype, bytearray(data) if len(data) else None)
    except (ValueError, TypeError, MemoryError, OverflowError) as error:
        raise WireError(f"an array that cannot be made: {error}") from None


def _expect_characters(data: memoryview, dtype: np.dtype) -> None:
    codes = np.frombuffer(data, np.dtype(np.uint32).newbyteorder(dtype.byteorder))
    if codes.size and codes.max() > 0x10FFFF:
        raise WireError("text with a character that does not exist")


def read_tensor(name: object, shape: object, data: memoryview) -> torch.Tensor:
    """A tensor of its own memory.

    Raises:
        WireError: dtype, shape and bytes do not belong together.
    """
    dtype = TORCH_DTYPES.get(name) if isinstance(name, str) else None
    if dtype is None:
        raise WireError(f"no dtype of torch that may cross: {name!r:.40}")
    sizes = expect_shape(shape, dtype.itemsize, len(data))
    try:
        if not len(data):
            return torch.empty(sizes, dtype=dtype)
        if dtype is torch.bool:
            return (torch.frombuffer(bytearray(data), dtype=torch.uint8) != 0).reshape(sizes)
        return torch.frombuffer(bytearray(data), dtype=dtype).reshape(sizes)
    except (RuntimeError, ValueError, TypeError, MemoryError, OverflowError) as error:
        raise WireError(f"a tensor that cannot be made: {error}") from None

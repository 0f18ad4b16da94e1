"""Bytes to values. The bytes may come from an enemy: every bound is checked before memory is taken."""

import json
import re
import struct
from collections.abc import Callable

import numpy as np
import torch

from autograder.remote.dtypes import TORCH_DTYPES, read_array, read_tensor
from autograder.remote.encode import structure
from autograder.remote.wire import MAX_INT_BITS, Bounds, WireError
from course_lib.checks.core.values import with_strides

_HEX = re.compile(r"-?[0-9a-f]+")
_FEW_KEYS = 64
_LEAVES = frozenset((bool, int, float, str, type(None)))


def decode(message: bytes, bounds: Bounds = Bounds(), *, from_grader: bool = False) -> object:  # noqa: B008
    """The value of one message; arrays and tensors own their memory and are writable.

    Args:
        message: what `encode` wrote, or anything else.
        bounds: see `Bounds`.
        from_grader: take strides, `requires_grad` and torch dtypes too, which only the trusted side sends.

    Raises:
        WireError: the message breaks the format or a bound.
    """
    try:
        return _decode(message, bounds, from_grader)
    except WireError:
        raise
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError, MemoryError) as error:
        raise WireError(f"malformed: {type(error).__name__}") from None


def _decode(message: bytes, bounds: Bounds, from_grader: bool) -> object:
    if not 4 <= len(message) <= bounds.total_bytes:
        raise WireError(f"a message of {len(message)} bytes")
    (length,) = struct.unpack_from("<I", message)
    if length > min(bounds.header_bytes, len(message) - 4):
        raise WireError("a header that is too long")
    header = message[4 : 4 + length]
    if structure(header) > bounds.items:
        raise WireError("too many values")
    parts = json.loads(header)
    if not isinstance(parts, dict) or set(parts) != {"v", "b"} or not isinstance(parts["b"], list):
        raise WireError("no header")
    buffers = _buffers(memoryview(message)[4 + length :], parts["b"])
    return _Decoder(buffers, bounds, from_grader).value(parts["v"], 0)


def _buffers(rest: memoryview, sizes: list) -> list[memoryview]:
    if not all(type(size) is int and size >= 0 for size in sizes) or sum(sizes) != len(rest):
        raise WireError("buffers that do not fill the message")
    found, at = [], 0
    for size in sizes:
        found.append(rest[at : at + size])
        at += size
    return found


class _Decoder:
    def __init__(self, buffers: list[memoryview], bounds: Bounds, from_grader: bool):
        self._buffers, self._depth, self._from_grader = buffers, bounds.depth, from_grader
        self._entries = bounds.items
        self._bytes = bounds.total_bytes  # two nodes may name one buffer: what is copied counts, not what arrived

    def value(self, node: object, depth: int) -> object:
        if type(node) in _LEAVES:
            return node
        if depth > self._depth + 1:
            raise WireError("nested too deeply")
        if isinstance(node, list):
            return [self.value(v, depth + 1) for v in node]
        if len(node) != 1:
            raise WireError("a node with several tags")
        ((tag, content),) = node.items()
        read = _READERS.get(tag)
        if read is None:
            raise WireError("an unknown tag")
        return read(self, content, depth)

    def buffer(self, index: object) -> memoryview:
        if type(index) is not int or index < 0:
            raise WireError("no buffer")
        data = self._buffers[index]
        self._bytes -= len(data)
        if self._bytes < 0:
            raise WireError("buffers used twice")
        return data

    def tuple(self, content: object, depth: int) -> tuple:
        return tuple(self.values(content, depth))

    def values(self, content: object, depth: int) -> list:
        if not isinstance(content, list):
            raise WireError("no list")
        return [self.value(v, depth + 1) for v in content]

    def object(self, content: object, depth: int) -> dict:
        if type(content) is not dict:
            raise WireError("no dict")
        return {key: self.value(v, depth + 1) for key, v in content.items()}

    def dict(self, content: object, depth: int) -> dict:
        parts = self.values(content, depth)
        keys, values = parts[::2], parts[1::2]
        if len(keys) != len(values) or any(isinstance(k, torch.Tensor) for k in keys):
            raise WireError("no dict")
        # Keys chosen to share one hash would make the dict quadratic: such a crowd is nobody's answer.
        if len(keys) > _FEW_KEYS and 2 * len({hash(k) for k in keys}) < len(keys):
            raise WireError("a dict whose keys share their hashes")
        return dict(zip(keys, values, strict=True))

    def complex(self, content: object, _: int) -> complex:
        real, imaginary = content
        return complex(float(real), float(imaginary))

    def large(self, content: object, _: int) -> int:
        if not isinstance(content, str) or len(content) > MAX_INT_BITS // 4 + 2 or not _HEX.fullmatch(content):
            raise WireError("no number")
        return int(content, 16)

    def text(self, content: object, _: int) -> str:
        return bytes(self.buffer(content)).decode("utf-8", "surrogatepass")

    def bytes(self, content: object, _: int) -> bytes:
        return bytes(self.buffer(content))

    def floats(self, content: object, _: int) -> list[float]:
        return self._list(content, np.float64)

    def ints(self, content: object, _: int) -> list[int]:
        return self._list(content, np.int64)

    def _list(self, content: object, dtype: type) -> list:
        data = self.buffer(content)
        self._entries -= len(data) // 8
        if self._entries < 0:
            raise WireError("too many values")
        return np.frombuffer(data, dtype).tolist()

    def array(self, content: object, _: int) -> np.ndarray:
        name, shape, index, *strides = content
        array = read_array(name, shape, self.buffer(index))
        return self._strided_array(array, *strides) if strides else array

    def scalar(self, content: object, _: int) -> np.generic:
        name, index = content
        return read_array(name, [], self.buffer(index))[()]

    def tensor(self, content: object, _: int) -> torch.Tensor:
        name, shape, index, *more = content
        tensor = read_tensor(name, shape, self.buffer(index))
        return self._strided_tensor(tensor, *more) if more else tensor

    def dtype(self, content: object, _: int) -> torch.dtype:
        self._expect_grader()
        return TORCH_DTYPES[content]

    def _expect_grader(self) -> None:
        if not self._from_grader:
            raise WireError("what only the grader may send")

    def _strided_array(self, array: np.ndarray, strides: list) -> np.ndarray:
        self._expect_grader()
        return with_strides(array, tuple(strides))

    def _strided_tensor(self, tensor: torch.Tensor, strides: list | None, requires_grad: bool = False) -> torch.Tensor:
        self._expect_grader()
        if strides is not None:
            tensor = torch.empty_strided(tensor.shape, strides, dtype=tensor.dtype).copy_(tensor)
        return tensor.requires_grad_(requires_grad)


_READERS: dict[str, Callable] = {
    "t": _Decoder.tuple, "o": _Decoder.object, "d": _Decoder.dict, "c": _Decoder.complex, "z": _Decoder.large,
    "s": _Decoder.text, "b": _Decoder.bytes, "f": _Decoder.floats, "i": _Decoder.ints, "a": _Decoder.array,
    "g": _Decoder.scalar, "T": _Decoder.tensor, "D": _Decoder.dtype,
}

"""Values to bytes."""

import json
import struct

import numpy as np
import torch

from autograder.remote.dtypes import TORCH_DTYPES, array_bytes, numpy_dtype, tensor_bytes
from autograder.remote.wire import INLINE_TEXT, MAX_INT_BITS, PACKED_FROM, Bounds, TooLarge, WireError
from course_lib.checks.core.values import overlaps

_TORCH_NAMES = {dtype: name for name, dtype in TORCH_DTYPES.items()}
_INT64 = 1 << 63
_LEAVES = frozenset((bool, type(None), float))
_to_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
TOO_MANY = "it holds too many values outside of arrays: return an array, or less."


def encode(value: object, bounds: Bounds = Bounds(), *, to_student: bool = False) -> bytes:  # noqa: B008
    """`value` as one message.

    Args:
        value: None, bool, int, float, complex, str, bytes, numpy arrays and scalars, torch tensors on the CPU, and
            lists, tuples and dicts of these.
        bounds: of the receiver.
        to_student: keep strides and `requires_grad`, and let torch dtypes pass.

    Raises:
        TooLarge: the value breaks a bound.
        WireError: the value is not data.
    """
    encoder = _Encoder(bounds, to_student)
    tree = encoder.node(value, 0)
    sizes = [len(part) for part in encoder.buffers]
    header = _to_json({"v": tree, "b": sizes}).encode()
    if len(header) > bounds.header_bytes or structure(header) > bounds.items:
        raise TooLarge(TOO_MANY)
    total = 4 + len(header) + sum(sizes)
    if total > bounds.total_bytes:
        raise TooLarge(_size(total, bounds))
    return b"".join((struct.pack("<I", len(header)), header, *encoder.buffers))


def structure(header: bytes) -> int:
    """A bound on the number of values in a JSON text, from counting bytes."""
    return header.count(b",") + header.count(b"[") + header.count(b"{")


class _Encoder:
    def __init__(self, bounds: Bounds, to_student: bool):
        self.buffers: list[bytes | memoryview] = []
        self._bounds, self._to_student = bounds, to_student
        self._size = 0
        self._items = bounds.items

    def node(self, value: object, depth: int) -> object:
        kind = type(value)
        if kind in _LEAVES:
            return value
        if kind is int:
            return value if -_INT64 <= value < _INT64 else {"z": self._large(value)}
        if kind is str:
            return value if len(value) <= INLINE_TEXT else {"s": self._buffer(value.encode("utf-8", "surrogatepass"))}
        if depth > self._bounds.depth:
            raise TooLarge("it is nested too deeply: return a flat list or an array.")
        if kind in (list, tuple, dict):
            self._count(len(value))
        if kind is list:
            return self._packed(value) or [self.node(v, depth + 1) for v in value]
        if kind is tuple:
            return {"t": [self.node(v, depth + 1) for v in value]}
        if kind is dict:
            if all(type(key) is str for key in value):
                return {"o": {key: self.node(v, depth + 1) for key, v in value.items()}}
            return {"d": [self.node(part, depth + 1) for pair in value.items() for part in pair]}
        if kind is complex:
            return {"c": [value.real, value.imag]}
        if kind is bytes:
            return {"b": self._buffer(value)}
        return self._number_field(value)

    def _number_field(self, value: object) -> object:
        if isinstance(value, np.ndarray):
            self._expect_room(value.nbytes)
            strides = self._strides(value.flags.c_contiguous, value, value.strides, value.itemsize)
            return {"a": [self._dtype(value.dtype), list(value.shape), self._buffer(array_bytes(value)), *strides]}
        if isinstance(value, np.generic):
            array = np.asarray(value)
            return {"g": [self._dtype(array.dtype), self._buffer(array.tobytes())]}
        if isinstance(value, torch.Tensor):
            return {"T": self._tensor(value)}
        if isinstance(value, torch.dtype) and self._to_student and value in _TORCH_NAMES:
            return {"D": _TORCH_NAMES[value]}
        raise WireError(f"a {type(value).__name__} is not data")

    def _tensor(self, value: torch.Tensor) -> list:
        name = _TORCH_NAMES.get(value.dtype)
        if name is None or value.layout is not torch.strided or value.device.type != "cpu":
            raise WireError(f"a {value.dtype} tensor ({value.layout}, {value.device}) cannot cross")
        self._expect_room(value.numel() * value.element_size())
        strides = self._strides(value.is_contiguous(), value, value.stride(), 1)
        if self._to_student and value.requires_grad:
            strides = [*(strides or [None]), True]
        return [name, list(value.shape), self._buffer(tensor_bytes(value)), *strides]

    def _strides(self, contiguous: bool, value: np.ndarray | torch.Tensor, strides: tuple[int, ...], step: int) -> list:
        # As `fresh` does in the notebook: what overlaps in memory (a broadcast array) arrives contiguous.
        if not self._to_student or contiguous or overlaps(tuple(value.shape), strides, step):
            return []
        return [list(strides)]

    @staticmethod
    def _dtype(dtype: np.dtype) -> str:
        name = dtype.str
        numpy_dtype(name)
        return name

    def _packed(self, value: list) -> dict | None:
        """A long list of nothing but floats, or of 64-bit integers, as one buffer."""
        if len(value) < PACKED_FROM:
            return None
        kinds = set(map(type, value))
        if kinds == {float}:
            tag, dtype = "f", np.float64
        elif kinds == {int} and min(value) >= -_INT64 and max(value) < _INT64:
            tag, dtype = "i", np.int64
        else:
            return None
        return {tag: self._buffer(np.array(value, dtype).tobytes())}

    def _count(self, values: int) -> None:
        self._items -= values
        if self._items < 0:
            raise TooLarge(TOO_MANY)

    def _buffer(self, data: bytes | memoryview) -> int:
        self._expect_room(len(data))
        self._size += len(data)
        self.buffers.append(data)
        return len(self.buffers) - 1

    def _expect_room(self, size: int) -> None:
        if self._size + size > self._bounds.total_bytes:
            raise TooLarge(_size(self._size + size, self._bounds))

    @staticmethod
    def _large(value: int) -> str:
        if value.bit_length() > MAX_INT_BITS:
            raise TooLarge("it holds a whole number of more than 300000 digits.")
        return format(value, "x")


def _size(size: int, bounds: Bounds) -> str:
    return f"it takes {size / 2**20:.0f} MiB, at most {bounds.total_bytes / 2**20:.0f} MiB may be returned."

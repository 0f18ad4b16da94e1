"""Values that lie: what a student could return to make a comparison say yes."""

import collections
import enum

import numpy as np
import torch


class EqualsEverything:
    """Equal to everything, true, and zero away from everything."""

    def __eq__(self, other):
        return True

    def __ne__(self, other):
        return False

    def __bool__(self):
        return True

    def __sub__(self, other):
        return 0.0

    __rsub__ = __sub__
    __hash__ = object.__hash__


class EqualTypes(type):
    """A metaclass by which a class equals every other class."""

    def __eq__(cls, other):
        return True

    __hash__ = type.__hash__


class OfEqualType(EqualsEverything, metaclass=EqualTypes):
    """Passes `type(value) in (int, float, ...)`, which compares classes with ==."""


class PretendsToBe(EqualsEverything):
    """Says of itself that it is an array, and `isinstance` believes it."""

    @property
    def __class__(self):
        return np.ndarray

    def item(self):
        return self

    def tolist(self):
        return self

    def __array__(self, dtype=None, copy=None):
        return np.zeros(3)


class LyingFloat(float):
    __eq__ = EqualsEverything.__eq__
    __ne__ = EqualsEverything.__ne__
    __hash__ = float.__hash__

    def __float__(self):
        return 42.0


class LyingInt(int):
    __eq__ = EqualsEverything.__eq__
    __ne__ = EqualsEverything.__ne__
    __hash__ = int.__hash__

    def __int__(self):
        return 42


class LyingStr(str):
    __eq__ = EqualsEverything.__eq__
    __ne__ = EqualsEverything.__ne__
    __hash__ = str.__hash__

    def __str__(self):
        return "right"

    __slots__ = ()


class LyingScalar(np.float64):
    def item(self):
        return EqualsEverything()

    __eq__ = EqualsEverything.__eq__
    __hash__ = np.float64.__hash__


class LyingArray(np.ndarray):
    """An array whose comparisons and conversions answer what the check would like to hear."""

    def __new__(cls, data):
        return np.asarray(data).view(cls)

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return True

    def tolist(self):
        return EqualsEverything()

    def __array__(self, dtype=None, copy=None):
        return np.full(3, 42.0)


class LyingTensor(torch.Tensor):
    """A tensor that answers every torch function by itself."""

    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return EqualsEverything()

    def detach(self):
        return torch.full((3,), 42.0)

    def tolist(self):
        return [42.0] * 3


class WrappingTensor(torch.Tensor):
    """A tensor without storage, whose values come from `__torch_dispatch__`."""

    @staticmethod
    def __new__(cls, size):
        return torch.Tensor._make_wrapper_subclass(cls, (size,))

    @classmethod
    def __torch_dispatch__(cls, func, types, args=(), kwargs=None):
        return torch.full((3,), 42.0)


class LyingDict(dict):
    def items(self):
        return {"a": 42.0}.items()

    __eq__ = EqualsEverything.__eq__
    __hash__ = None


class LyingList(list):
    def __iter__(self):
        return iter([42.0] * 3)

    def __len__(self):
        return 3

    __eq__ = EqualsEverything.__eq__
    __hash__ = None


class Colour(enum.IntEnum):
    RED = 1


Pair = collections.namedtuple("Pair", "first second")


class Unshowable:
    """Its repr raises."""

    def __repr__(self):
        raise RuntimeError("no repr")

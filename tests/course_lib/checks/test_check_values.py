"""What crosses between a check and an answer: only plain data, and always a copy."""

import collections
import types

import hostile
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib.checks.core import CheckFailed, as_array, describe, fresh, to_data

PLAIN = (bool, int, float, complex, str, bytes, type(None))


def is_plain(value):
    """An independent definition of plain data, by exact types."""
    if type(value) in (list, tuple):
        return all(map(is_plain, value))
    if type(value) is dict:
        return all(is_plain(k) and is_plain(v) for k, v in value.items())
    return type(value) in (*PLAIN, np.ndarray, torch.Tensor)


REDUCED = {
    "float": (hostile.LyingFloat(1.5), 1.5),
    "int": (hostile.LyingInt(7), 7),
    "str": (hostile.LyingStr("wrong"), "wrong"),
    "bytes": (type("B", (bytes,), {})(b"ab"), b"ab"),
    "complex": (type("C", (complex,), {})(1 + 2j), 1 + 2j),
    "enum": (hostile.Colour.RED, 1),
    "numpy scalar": (hostile.LyingScalar(1.5), 1.5),
    "numpy bool": (np.bool_(True), True),
    "long double": (np.longdouble(0.5), 0.5),
    "complex long double": (np.clongdouble(0.5), 0.5 + 0j),
    "named tuple": (hostile.Pair(1, np.int64(2)), (1, 2)),
    "ordered dict": (collections.OrderedDict(a=1), {"a": 1}),
    "counter": (collections.Counter("aab"), {"a": 2, "b": 1}),
    "dict": (hostile.LyingDict(a=1.0), {"a": 1.0}),
    "mapping": (types.MappingProxyType({"a": 1}), {"a": 1}),
    "list": (hostile.LyingList([1.0, 2.0]), [1.0, 2.0]),
}


@pytest.mark.parametrize("name", REDUCED)
def test_subclasses_are_reduced_to_the_value_of_their_base(name):
    lying, honest = REDUCED[name]
    plain = to_data(lying)
    assert is_plain(plain)
    assert type(plain) is type(honest)
    assert plain == honest


def test_arrays_and_tensors_that_answer_for_themselves_are_reduced_to_their_numbers():
    array = to_data(hostile.LyingArray([1.0, 2.0]))
    assert type(array) is np.ndarray
    assert array.tolist() == [1.0, 2.0]
    tensor = to_data(torch.tensor([1.0, 2.0]).as_subclass(hostile.LyingTensor))
    assert type(tensor) is torch.Tensor
    assert tensor.tolist() == [1.0, 2.0]
    parameter = to_data(torch.nn.Parameter(torch.tensor([3.0])))
    assert type(parameter) is torch.Tensor
    assert not parameter.requires_grad


@pytest.mark.parametrize(
    "value",
    [
        hostile.EqualsEverything(), hostile.OfEqualType(), hostile.PretendsToBe(), [hostile.EqualsEverything()],
        {"a": hostile.OfEqualType()}, (1, hostile.PretendsToBe()), hostile.WrappingTensor(3), object(), len, print, int,
        np.array([hostile.EqualsEverything()], dtype=object), np.array([[1], [1, 2]], dtype=object),
        np.zeros(2, dtype=[("x", object)]), np.zeros(2, dtype=[("x", float)]), np.datetime64("2026-01-01"),
        torch.empty(3, device="meta"), {1, 2}, range(3), zip([1], [2], strict=True), (i for i in [1]),
        {(1, (2, (3, ()))): 1}, {hostile.Unshowable(): 1}, np.float64, np,
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_data_is_refused(value):
    with pytest.raises(CheckFailed):
        to_data(value)


def test_a_tensor_key_is_refused_and_number_and_text_keys_are_kept():
    with pytest.raises(CheckFailed, match="key"):
        to_data({torch.tensor(1): 1})
    assert to_data({np.int64(1): 1, "a": 2, (1, 2): 3}) == {1: 1, "a": 2, (1, 2): 3}


def test_nesting_without_end_is_refused_in_time():
    endless = []
    endless.append(endless)
    with pytest.raises(CheckFailed, match="nested"):
        to_data(endless)
    wide = [0] * 1000
    for _ in range(4):
        wide = [wide] * 1000  # 10^15 values, in 40 kB
    with pytest.raises(CheckFailed, match="values"):
        to_data(wide)


def test_an_array_that_would_fill_the_memory_is_refused():
    with pytest.raises(CheckFailed, match="GiB"):
        to_data(np.broadcast_to(0.0, (10**6, 10**6)))
    with pytest.raises(CheckFailed, match="GiB"):
        to_data(torch.zeros(()).expand(10**6, 10**6))


def test_copies_share_no_memory():
    array, tensor = np.arange(4.0), torch.arange(4.0)
    copies = to_data([array, tensor])
    array += 10
    tensor += 10
    assert copies[0].tolist() == copies[1].tolist() == [0, 1, 2, 3]


def test_lazy_conjugates_and_sparse_tensors_become_values():
    z = torch.tensor([1 + 2j])
    assert to_data(z.conj()).numpy().tolist() == [1 - 2j]
    assert to_data(z.conj().imag).numpy().tolist() == [-2.0]
    assert to_data(torch.eye(2).to_sparse()).tolist() == [[1, 0], [0, 1]]


SHAPES = hnp.array_shapes(min_dims=1, max_dims=3, max_side=4)


@st.composite
def views(draw):
    """An array with any layout: reordered, reversed, strided, Fortran."""
    array = draw(hnp.arrays(draw(st.sampled_from([np.float32, np.float64, np.complex64, np.int16])), draw(SHAPES)))
    array = array.transpose(draw(st.permutations(range(array.ndim))))
    steps = tuple(slice(None, None, draw(st.sampled_from([1, 2, -1, -2]))) for _ in range(array.ndim))
    return array[steps]


@given(views())
@settings(max_examples=200, deadline=None)
def test_fresh_arrays_keep_values_dtype_and_strides_and_share_nothing(array):
    copy = fresh(array)
    np.testing.assert_array_equal(copy, array)
    assert copy.dtype == array.dtype
    assert not np.shares_memory(copy, array)
    assert copy.flags.writeable
    expected = [s for s, n in zip(array.strides, array.shape, strict=True) if n > 1]
    assert [s for s, n in zip(copy.strides, copy.shape, strict=True) if n > 1] == expected


@given(views().filter(lambda a: min(a.strides) > 0))
@settings(max_examples=100, deadline=None)
def test_fresh_tensors_keep_values_dtype_and_strides_and_share_nothing(array):
    tensor = torch.from_numpy(array)
    copy = fresh(tensor)
    assert torch.equal(torch.nan_to_num(copy), torch.nan_to_num(tensor))
    assert copy.dtype == tensor.dtype
    assert copy.stride() == tensor.stride()
    assert copy.data_ptr() != tensor.data_ptr()


def test_fresh_inputs_that_overlap_in_memory_can_be_written_to():
    frames = np.lib.stride_tricks.sliding_window_view(np.arange(6.0), 3)
    for value in (np.broadcast_to(1.0, (2, 3)), frames, torch.ones(3).expand(2, 3), torch.arange(6.0).unfold(0, 3, 1)):
        before, copy = np.asarray(value).copy(), fresh(value)
        copy[0, 1] = 99.0
        assert np.asarray(copy)[1].tolist() == before[1].tolist()  # no other element changed with it
        np.testing.assert_array_equal(np.asarray(value), before)


def test_fresh_parts_alias_of_a_nest():
    x = np.zeros(2)
    copy = fresh({"a": [x, x], "b": (x,)})
    copy["a"][0][0] = 1
    assert copy["a"][1].tolist() == copy["b"][0].tolist() == x.tolist() == [0, 0]


def test_fresh_keeps_requires_grad_as_a_leaf():
    copy = fresh(torch.ones(2, requires_grad=True) * 2)
    assert copy.requires_grad
    assert copy.is_leaf


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (3, ()), ([1, 2], (2,)), ([[1.0], [2.0]], (2, 1)), (torch.zeros(2, 3), (2, 3)), ([torch.zeros(2)] * 3, (3, 2)),
        ([[torch.tensor(1.0), torch.tensor(2.0)]], (1, 2)), (torch.zeros(2, dtype=torch.bfloat16), (2,)),
        (torch.zeros(2, dtype=torch.float8_e5m2), (2,)), ([torch.zeros(2, dtype=torch.bfloat16)], (1, 2)),
        ([10**30, 1], (2,)), (torch.ones(2, dtype=torch.bool), (2,)),
    ],
)
def test_numbers_of_any_kind_become_one_array(value, shape):
    array = as_array(value)
    assert type(array) is np.ndarray
    assert array.shape == shape
    assert array.dtype.kind in "biufc"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "return"), ("abc", "numbers"), ([None, 1.0], "numbers"), ([[1], [1, 2]], "different lengths"),
        ({"a": 1}, "numbers"), ([torch.zeros(2), torch.zeros(3)], "different lengths"), ([10**400], "no float"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused_with_the_reason(value, message):
    with pytest.raises(CheckFailed, match=message):
        as_array(value)


@pytest.mark.parametrize(
    "value",
    [
        hostile.Unshowable(), [hostile.Unshowable()], 10**5000, -(10**5000), [10**5000], "x" * 10**6,
        list(range(10**6)),
        np.zeros((3, 4)), torch.zeros(2), {"a": 10**5000}, hostile.EqualsEverything(), hostile.OfEqualType(), True,
    ],
    ids=lambda value: type(value).__name__,
)
def test_describe_never_raises_and_stays_short(value):
    assert 0 < len(describe(value)) < 100


def test_describe_shows_what_matters():
    assert describe(np.zeros((3, 4), np.float32)) == "float32 array of shape (3, 4)"
    assert describe(torch.zeros(2)) == "float32 tensor of shape (2,)"
    assert describe("ab") == "'ab'"
    assert describe(10**20) == str(10**20)
    assert "10^5000" in describe(10**5000)
    assert describe([1, 2]) == "[1, 2]"


class Ran(Exception):
    """A method of the answer's value was called."""


def raising(*args, **kwargs):
    raise Ran


class Converts:
    """An object that would like to choose its own numbers."""

    __array__ = __float__ = __len__ = __iter__ = __getitem__ = raising




@pytest.mark.parametrize("hold", [lambda v: v, lambda v: [v], lambda v: (1.0, [v])])
def test_as_array_runs_no_code_of_the_value(hold):
    with pytest.raises(CheckFailed, match="not data"):
        as_array(hold(Converts()))
    objects = np.empty(1, dtype=object)
    objects.fill(Converts())
    with pytest.raises(CheckFailed, match="objects"):
        as_array(hold(objects))


def test_as_array_believes_the_values_of_a_liar_and_not_its_methods():
    np.testing.assert_array_equal(as_array(hostile.LyingArray([1.0, 2.0])), [1, 2])
    np.testing.assert_array_equal(as_array([hostile.LyingFloat(1), hostile.LyingInt(2)]), [1, 2])
    np.testing.assert_array_equal(as_array(torch.ones(3).as_subclass(hostile.LyingTensor)), [1, 1, 1])
    np.testing.assert_array_equal(as_array(hostile.LyingList([1.0, 2.0])), [1, 2])

"""The codec: what is data comes back as it was; what an enemy writes is one clean error."""

import contextlib
import json
import struct
import time

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.remote.decode import decode
from autograder.remote.dtypes import TORCH_DTYPES
from autograder.remote.encode import encode
from autograder.remote.wire import Bounds, TooLarge, WireError


def same(a, b) -> bool:
    """Equal in type, dtype, shape and every bit that counts."""
    if type(a) is not type(b):
        return False
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(map(same, a, b)) and all(map(same, a.values(), b.values()))
    if isinstance(a, (np.ndarray, np.generic)):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, torch.Tensor):
        raw = [x.contiguous().reshape(-1).view(torch.uint8).tolist() for x in (a, b)]
        return a.dtype == b.dtype and a.shape == b.shape and raw[0] == raw[1]
    return a == b or (a != a and b != b) or (isinstance(a, complex) and repr(a) == repr(b))


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**5000), 2**5000), st.floats(), st.complex_numbers(),
    st.text(st.characters(), max_size=600), st.binary(max_size=600),
)
arrays = hnp.arrays(
    st.one_of(hnp.boolean_dtypes(), hnp.integer_dtypes(endianness="?"), hnp.floating_dtypes(endianness="?"),
              hnp.complex_number_dtypes(), hnp.unicode_string_dtypes(max_len=5), hnp.byte_string_dtypes(max_len=5)),
    hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
)
keys = st.one_of(st.text(max_size=5), st.integers(), st.tuples(st.integers(), st.booleans()))
data = st.recursive(
    st.one_of(scalars, arrays, st.lists(st.floats(), min_size=16, max_size=20), st.lists(st.integers(), min_size=16)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.lists(inner, max_size=4).map(tuple), st.dictionaries(keys, inner, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=150, deadline=None)
@given(data)
def test_every_value_comes_back_as_it_was(value):
    assert same(decode(encode(value)), value)
    assert same(decode(encode(value, to_student=True), from_grader=True), value)


@pytest.mark.parametrize("name", TORCH_DTYPES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3)])
def test_every_dtype_of_torch_crosses(name, shape):
    dtype = TORCH_DTYPES[name]
    count = int(np.prod(shape)) * dtype.itemsize
    raw = torch.arange(count, dtype=torch.uint8) % 2
    tensor = raw.view(dtype).reshape(shape) if count else torch.empty(shape, dtype=dtype)
    assert same(decode(encode(tensor)), tensor)


@pytest.mark.parametrize("tensor", [torch.ones(2, 6)[:1, ::6], torch.ones(2)[::2], torch.ones(3, 3)[1:2, 1:2].mT,
                                    torch.ones(2, dtype=torch.complex64).conj(), torch.ones(5)[1:]])
def test_odd_views_of_few_elements_cross(tensor):
    for to_student in (False, True):
        got = decode(encode(tensor, to_student=to_student), from_grader=to_student)
        assert got.tolist() == tensor.tolist()
        assert got.shape == tensor.shape


@pytest.mark.parametrize("scalar", [np.float32(1.5), np.int64(-3), np.bool_(True), np.complex64(1j), np.str_("ä")])
def test_numpy_scalars_keep_their_type(scalar):
    assert same(decode(encode(scalar)), scalar)


def strided():
    """Inputs of every layout that a check may hand in."""
    a, t = np.arange(24.0).reshape(2, 3, 4), torch.arange(24.0).reshape(2, 3, 4)
    return [
        (a.T, a.T.strides), (a[:, ::-1], a[:, ::-1].strides), (a[..., ::2], a[..., ::2].strides),
        (np.asfortranarray(a), np.asfortranarray(a).strides), (t.mT, t.mT.stride()),
        (t[..., ::2], t[..., ::2].stride()),
        (np.broadcast_to(a[0, 0], (3, 4)), (32, 8)), (t[0, 0].expand(3, 4), (4, 1)),
    ]


@pytest.mark.parametrize(("value", "strides"), strided())
def test_strides_are_kept_towards_the_student_and_contiguous_back(value, strides):
    there = decode(encode(value, to_student=True), from_grader=True)
    back = decode(encode(value))
    own = (lambda x: x.strides) if isinstance(value, np.ndarray) else (lambda x: x.stride())
    assert own(there) == strides
    assert (np.asarray(there) == np.asarray(value)).all()
    assert (np.asarray(back) == np.asarray(value)).all()
    assert np.asarray(back).flags.c_contiguous


def test_what_arrives_is_writable_and_shares_no_memory():
    message = encode([np.zeros(3), torch.zeros(3), np.zeros(100_000)])
    first, second = decode(message), decode(message)
    for value in first:
        value[...] = 7
    assert not any(bool(v.any()) for v in second)


def test_gradient_flags_and_dtypes_go_to_the_student_only():
    tensor = torch.ones(2, 3, requires_grad=True)
    assert decode(encode(tensor, to_student=True), from_grader=True).requires_grad
    assert decode(encode(tensor.mT, to_student=True), from_grader=True).requires_grad
    assert not decode(encode(tensor)).requires_grad
    assert decode(encode(torch.bfloat16, to_student=True), from_grader=True) is torch.bfloat16
    for value in (tensor, torch.ones(2, 3).mT, np.ones((2, 3)).T, torch.float32):
        with pytest.raises(WireError):
            decode(encode(value, to_student=True))


@pytest.mark.parametrize("value", [object(), print, {1, 2}, range(3), np.array([None]), np.datetime64(1, "s"),
                                   torch.zeros(3).to_sparse(), {"a": [lambda: 0]}, torch.float32])
def test_what_is_not_data_does_not_cross(value):
    with pytest.raises(WireError):
        encode(value)


@pytest.mark.parametrize("value", [np.zeros(2000), "x" * 20_000, b"x" * 20_000, [1.5] * 2000, 1 << 10**7,
                                   [[] for _ in range(9000)], torch.zeros(4000)], ids=lambda v: type(v).__name__)
def test_what_is_too_large_is_told_before_it_is_sent(value):
    with pytest.raises(TooLarge):
        encode(value, Bounds(total_bytes=10_000))


def test_what_is_too_deep_is_told():
    value = []
    for _ in range(40):
        value = [value]
    with pytest.raises(TooLarge, match="nested"):
        encode(value)


def message(tree, *buffers: bytes, sizes=None) -> bytes:
    """A message with any header."""
    header = json.dumps({"v": tree, "b": sizes or list(map(len, buffers))}).encode()
    return struct.pack("<I", len(header)) + header + b"".join(buffers)


def raw(header: bytes) -> bytes:
    return struct.pack("<I", len(header)) + header


EVIL = {
    "nothing": b"",
    "short": b"\x01",
    "header longer than the message": struct.pack("<I", 2**31) + b"{}",
    "not json": raw(b"\xff\xfe{"),
    "a pickle": raw(b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x02os\x94."),
    "no object": raw(b"[]"),
    "more keys": raw(b'{"v":1,"b":[],"x":0}'),
    "deep list": raw(b'{"b":[],"v":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    "deep objects": raw(b'{"b":[],"v":' + b'{"t":[' * 50_000 + b"]}" * 50_000 + b"}"),
    "many lists": raw(b'{"b":[],"v":[' + b"[]," * 4_000_000 + b"0]}"),
    "endless number": raw(b'{"b":[],"v":' + b"9" * 100_000 + b"}"),
    "two tags": message({"t": [], "d": []}),
    "no tag": message({}),
    "unknown tag": message({"__reduce__": ["os.system", "true"]}),
    "tuple of a number": message({"t": 3}),
    "odd dict": message({"d": [1, 2, 3]}),
    "list as key": message({"d": [[1], 2]}),
    "tensor as key": message({"d": [{"T": ["float32", [], 0]}, 2]}, bytes(4)),
    "one hash for all keys": message({"d": [x for i in range(3000) for x in (i * (2**61 - 1), 0)]}),
    "complex of text": message({"c": ["x", "y"]}),
    "complex of three": message({"c": [1, 2, 3]}),
    "large not hex": message({"z": "0x1f"}),
    "large too large": message({"z": "f" * 400_000}),
    "negative buffer": message({"b": -1}, b"x"),
    "missing buffer": message({"b": 1}, b"x"),
    "true as buffer": message({"b": True}, b"x", b"y"),
    "negative size": message({"b": 0}, b"xx", sizes=[-2]),
    "sizes that lie": message({"b": 0}, b"xx", sizes=[2**60]),
    "floats of nine bytes": message({"f": 0}, bytes(9)),
    "array of objects": message({"a": ["|O", [1], 0]}, bytes(8)),
    "array of structs": message({"a": ["<i4,<i4", [1], 0]}, bytes(8)),
    "array of void": message({"a": ["|V8", [1], 0]}, bytes(8)),
    "array of dates": message({"a": ["<M8[s]", [1], 0]}, bytes(8)),
    "dtype no text": message({"a": [8, [1], 0]}, bytes(8)),
    "shape too large": message({"a": ["<f8", [2**40, 2**40], 0]}, bytes(8)),
    "shape negative": message({"a": ["<f8", [-1], 0]}, bytes(8)),
    "shape of floats": message({"a": ["<f8", [1.0], 0]}, bytes(8)),
    "shape of truths": message({"a": ["<f8", [True], 0]}, bytes(8)),
    "shape overflows to zero": message({"a": ["<f8", [2**32, 2**32, 0, 2**48], 0]}),
    "shape of 99 axes": message({"a": ["<f8", [1] * 99, 0]}, bytes(8)),
    "text of nothing": message({"a": ["<U0", [2**40], 0]}),
    "no character": message({"a": ["<U1", [1], 0]}, b"\xff\xff\xff\xff"),
    "tensor of objects": message({"T": ["object", [1], 0]}, bytes(8)),
    "tensor dtype list": message({"T": [[], [1], 0]}, bytes(8)),
    "tensor too large": message({"T": ["float32", [2**47], 0]}, bytes(8)),
    "tensor overflows": message({"T": ["float32", [2**47, 2**47, 0], 0]}),
    "tensor with strides": message({"T": ["float32", [2], 0, [0]]}, bytes(8)),
    "array with strides": message({"a": ["<f8", [2], 0, [2**40]]}, bytes(16)),
    "array of two fields": message({"a": ["<f8", [2]]}, bytes(16)),
    "surrogates in utf-8": message({"s": 0}, b"\xff\xff"),
}


@pytest.mark.parametrize("name", EVIL)
def test_a_malformed_message_is_one_clean_error_at_once(name):
    started = time.perf_counter()
    with pytest.raises(WireError):
        decode(EVIL[name])
    assert time.perf_counter() - started < 1.0


def test_booleans_are_zero_or_one_whatever_arrives():
    for tree in ({"a": ["|b1", [3], 0]}, {"T": ["bool", [3], 0]}):
        got = decode(message(tree, b"\x00\x01\xff"))
        assert got.tolist() == [False, True, True]
        assert int(got.sum()) == 2


def test_one_buffer_cannot_be_multiplied():
    tree = [{"b": 0} for _ in range(1000)]
    with pytest.raises(WireError, match="twice"):
        decode(message(tree, bytes(1000)), Bounds(total_bytes=100_000))


def test_packed_lists_count_as_values():
    with pytest.raises(WireError, match="too many"):
        decode(message({"f": 0}, bytes(8 * 1001)), Bounds(items=1000))


@settings(max_examples=200, deadline=None)
@given(data, st.randoms(use_true_random=False))
def test_damage_is_an_error_or_a_value_never_anything_else(value, random):
    damaged = bytearray(encode(value))
    for _ in range(random.randint(1, 4)):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    with contextlib.suppress(WireError):
        decode(bytes(damaged[: random.randint(0, len(damaged))] if random.random() < 0.3 else damaged))

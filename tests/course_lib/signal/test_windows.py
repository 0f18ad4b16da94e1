"""Windows against scipy; COLA and NOLA against scipy.signal.check_COLA, check_NOLA and plain loops; framing."""

import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal


@pytest.mark.parametrize("name", ["hann", "hamming", "blackman", "bartlett", "boxcar"])
@pytest.mark.parametrize("length", [1, 2, 3, 64, 65])
@pytest.mark.parametrize("periodic", [True, False])
def test_windows_are_scipys(name, length, periodic):
    want = scipy.signal.get_window(name, length, fftbins=periodic)
    np.testing.assert_allclose(signal.window(name, length, periodic=periodic, dtype=torch.float64), want, atol=1e-15)


def test_the_root_of_hann():
    w = signal.window("sqrt_hann", 63, dtype=torch.float64)
    torch.testing.assert_close(w**2, signal.window("hann", 63, dtype=torch.float64))


@settings(max_examples=80, deadline=None)
@given(st.integers(2, 60), st.integers(1, 60), st.sampled_from(["hann", "hamming", "blackman", "boxcar", "bartlett"]))
def test_cola_and_nola_are_scipys(length, hop, name):
    w = signal.window(name, length, dtype=torch.float64)
    if hop > length:
        assert not signal.is_nola(w, hop)
        return
    overlap = length - hop
    assert signal.is_cola(w, hop, tolerance=1e-10) == scipy.signal.check_COLA(w.numpy(), length, overlap)
    assert signal.is_nola(w, hop) == scipy.signal.check_NOLA(w.numpy(), length, overlap)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 40), st.integers(1, 50), st.integers(0, 12), st.integers(0, 2**31))
def test_overlap_sum_and_overlap_add_are_loops(length, hop, frames, seed):
    rng = np.random.default_rng(seed)
    w = rng.random(length)
    middle = np.array([w[r::hop].sum() for r in range(hop)])
    np.testing.assert_allclose(signal.overlap_sum(w, hop), middle, atol=1e-12)
    pieces = rng.standard_normal((2, frames, length))
    want, weight = np.zeros((2, max(frames - 1, 0) * hop + length)), np.zeros(max(frames - 1, 0) * hop + length)
    for m in range(frames):
        want[:, m * hop : m * hop + length] += pieces[:, m]
        weight[m * hop : m * hop + length] += w
    got = signal.overlap_add(pieces, hop)
    np.testing.assert_allclose(got, want if frames else np.zeros((2, 0)), atol=1e-12)
    if frames:
        np.testing.assert_allclose(signal.overlap_sum(w, hop, frames=frames), weight, atol=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 50), st.integers(1, 20), st.integers(1, 20))
def test_frames_are_slices(samples, length, hop):
    x = np.arange(samples, dtype=np.float64)
    want = [x[s : s + length] for s in range(0, samples - length + 1, hop)]
    got = signal.frame(x, length, hop)
    assert got.shape == (len(want), length)
    assert all(np.array_equal(a, b) for a, b in zip(got, want, strict=True))


def test_overlap_add_is_the_transpose_of_frame():
    x, y = torch.randn(2, 103, dtype=torch.float64), torch.randn(2, 24, 8, dtype=torch.float64)
    frames = signal.frame(x, 8, 4)
    assert frames.shape == y.shape
    back = signal.overlap_add(y, 4)
    torch.testing.assert_close((frames * y).sum(), (x[:, : back.shape[-1]] * back).sum())


@pytest.mark.parametrize(("call", "message"), [
    (lambda: signal.window("hann", 0), "at least 1"), (lambda: signal.window("kaiser", 8), "choose one of"),
    (lambda: signal.frame(torch.zeros(9), 0, 1), "length"), (lambda: signal.overlap_add(torch.zeros(3, 4), 0), "hop"),
])
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""Widths and side lobes against closed forms, published values and designed windows; when two tones part."""

import math

import numpy as np
import pytest
import scipy.optimize
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import signal

# F. J. Harris (1978), table 1, where its windows are the ones of signal.window.
HARRIS = {"boxcar": (1.21, -13, 3.92), "bartlett": (1.78, -27, 1.82), "hann": (2.00, -32, 1.42),
          "hamming": (1.81, -43, 1.78)}


@pytest.mark.parametrize("name", HARRIS)
def test_the_published_values(name):
    width, side, loss = HARRIS[name]
    w = signal.window(name, 1024, dtype=torch.float64)
    assert float(signal.main_lobe_width(w)) == pytest.approx(width, abs=0.015)
    assert float(signal.side_lobe_level(w)) == pytest.approx(side, abs=0.7)
    scalloping = -20 * math.log10(float(signal.window_spectrum(w, torch.tensor([0.5]))[0]))
    assert scalloping == pytest.approx(loss, abs=0.04)


@pytest.mark.parametrize("length", [16, 63, 1000])
def test_the_rectangle_is_the_dirichlet_kernel(length):
    def kernel(bins):
        x = math.pi * bins / length
        return abs(math.sin(length * x) / (length * math.sin(x)))

    w = torch.ones(length)
    half = scipy.optimize.brentq(lambda b: kernel(b) - 0.5, 0.1, 0.9)
    assert float(signal.main_lobe_width(w)) == pytest.approx(2 * half, abs=2e-3)
    top = max(kernel(b) for b in np.arange(1.2, 1.7, 1e-4))
    assert float(signal.side_lobe_level(w)) == pytest.approx(20 * math.log10(top), abs=0.01)
    bins = torch.tensor([0.3, 2.5, 7.0], dtype=torch.float64)
    np.testing.assert_allclose(signal.window_spectrum(w, bins), [kernel(float(b)) for b in bins], atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(st.floats(50, 100), st.integers(40, 130), st.floats(0.01, 100))
def test_a_designed_window_has_its_side_lobes(attenuation, length, height):
    w = height * scipy.signal.windows.chebwin(length, attenuation)
    assert signal.side_lobe_level(w) == pytest.approx(-attenuation, abs=0.05)
    level = 10 ** (-3 / 20)
    direct = scipy.optimize.brentq(lambda b: float(signal.window_spectrum(w, np.array([b]))[0]) - level, 0.01, 2)
    assert signal.main_lobe_width(w, level_db=-3.0) == pytest.approx(2 * direct, abs=2e-3)


def test_batches_strides_precision_and_the_shortest():
    names = ("hann", "blackman", "boxcar")
    w = torch.stack([signal.window(name, 65) for name in names])
    for function in (signal.main_lobe_width, signal.side_lobe_level):
        one_by_one = torch.stack([function(row) for row in w])
        torch.testing.assert_close(function(w[:, None]), one_by_one[:, None])
        torch.testing.assert_close(function(w.mT.contiguous().mT), one_by_one)
        torch.testing.assert_close(function(w.double()), one_by_one, rtol=1e-3, atol=1e-3)
        assert isinstance(function(w.numpy()), np.ndarray)
    assert float(signal.main_lobe_width(torch.ones(1))) == math.inf
    assert float(signal.side_lobe_level(torch.ones(2))) == -math.inf


def test_resolution_and_the_length_for_it_are_inverse():
    for name in ("boxcar", "hann", "blackman"):
        for distance in (7.0, 31.25, 100.0):
            length = signal.length_for_resolution(name, distance, 16000)
            assert signal.resolution_hz(name, length, 16000) <= distance + 1e-9
            assert signal.resolution_hz(name, length - 1, 16000) > distance
    w = signal.window("hann", 300)
    assert signal.resolution_hz(w, 512, 8000) == pytest.approx(2 * 8000 / 512, abs=0.1)


@pytest.mark.parametrize("name", ["hann", "boxcar", "hamming"])
def test_the_smallest_length_is_the_first_of_all(name):
    low, high, sr = 1000.0, 1100.0, 8000
    found = signal.smallest_length(low, high, sr, name)

    def dip(length):
        t = (np.arange(length) - length / 2) / sr
        x = (np.cos(2 * np.pi * low * t) + np.cos(2 * np.pi * high * t)) * scipy.signal.get_window(name, length)
        one, middle, other = (abs(x @ np.exp(-2j * np.pi * f * t)) for f in (low, 1050.0, high))
        return 20 * np.log10(min(one, other) / middle)

    assert dip(found) >= 3
    assert all(dip(length) < 3 for length in range(2, found))
    assert signal.smallest_length(low, high, sr, name, found) == found
    assert signal.smallest_length(low, high, sr, name, found - 1) == 0


def test_the_mean_power_over_phases_dips_by_3_db_at_the_width():
    for name in ("hann", "hamming", "blackman"):
        w = signal.window(name, 512, dtype=torch.float64)
        width = float(signal.main_lobe_width(w))
        half, whole = signal.window_spectrum(w, torch.tensor([width / 2, width])) ** 2
        assert 10 * math.log10((1 + whole) / (2 * half)) == pytest.approx(3.01, abs=0.03)


def test_tone_dip_is_batched_and_differentiable():
    x = torch.randn(2, 3, 50, dtype=torch.float64)
    assert signal.tone_dip(x, 0.1, 0.2, 1.0).shape == (2, 3)
    assert torch.autograd.gradcheck(lambda z: signal.tone_dip(z, 0.1, 0.2, 1.0), x[0, :1].requires_grad_())
    assert isinstance(signal.tone_dip(x.detach().numpy(), 0.1, 0.2, 1.0), np.ndarray)


@pytest.mark.parametrize(("call", "message"), [
    (lambda: signal.main_lobe_width(torch.ones(8), level_db=3.0), "negative"),
    (lambda: signal.main_lobe_width(torch.ones(0)), "empty"),
    (lambda: signal.side_lobe_level(torch.zeros(8)), "add up to zero"),
    (lambda: signal.resolution_hz("hann", 0, 8000), "at least 1"),
    (lambda: signal.length_for_resolution("hann", 0.0, 8000), "positive"),
    (lambda: signal.smallest_length(200, 100, 8000), "low < high"),
    (lambda: signal.resolution_hz("kaiser", 8, 8000), "choose one of"),
])
def test_bad_input_says_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()

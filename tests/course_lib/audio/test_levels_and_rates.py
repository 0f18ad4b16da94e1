"""Levels against closed forms, resampling against the signal at the other rate."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib import audio

signals = hnp.arrays(
    np.float32, hnp.array_shapes(min_dims=1, max_dims=1, min_side=1, max_side=300), elements=st.floats(-1, 1, width=32)
)


def test_a_full_scale_sine_has_minus_3_01_dbfs():
    x = np.sin(2 * np.pi * np.arange(48000) / 48)
    assert audio.rms_dbfs(x) == pytest.approx(-10 * math.log10(2), abs=1e-4)
    assert audio.peak_dbfs(x) == pytest.approx(0, abs=1e-4)


def test_silence_is_minus_infinity_and_stays_silence():
    x = np.zeros(10, dtype=np.float32)
    assert audio.rms_dbfs(x) == audio.peak_dbfs(x) == -math.inf
    assert np.array_equal(audio.set_level(x), x)


@settings(max_examples=200, deadline=None)
@given(x=signals, dbfs=st.floats(-60, 6))
def test_set_level_reaches_the_level_or_full_scale(x, dbfs):
    y = audio.set_level(x, dbfs)
    assert y.dtype == np.float32
    assert np.abs(y).max() <= 1
    if np.abs(x).max() > 1e-30:
        at_level = abs(audio.rms_dbfs(y) - dbfs) < 1e-3
        at_full_scale = abs(audio.peak_dbfs(y)) < 1e-3
        assert at_level or (at_full_scale and audio.rms_dbfs(y) < dbfs)


def test_set_level_keeps_the_balance_of_channels_and_its_input():
    x = np.stack([np.full(100, 0.2), np.full(100, 0.1)])
    before = x.copy()
    y = audio.set_level(x, -30)
    assert y[0] / y[1] == pytest.approx(2)
    assert np.array_equal(x, before)


@pytest.mark.parametrize("f", [audio.rms_dbfs, audio.peak_dbfs, audio.set_level, lambda x: audio.resample(x, 2, 3)])
@pytest.mark.parametrize("bad", [np.zeros(0), np.array([np.nan]), np.zeros((2, 2, 2)), np.zeros(3, dtype=int)])
def test_bad_signals(f, bad):
    with pytest.raises(audio.AudioError):
        f(bad)


@pytest.mark.parametrize(("sr_in", "sr_out"), [(44100, 16000), (8000, 22050), (16000, 48000)])
def test_resampling_gives_the_same_sine_at_the_other_rate(sr_in, sr_out):
    x = 0.5 * np.sin(2 * np.pi * 997 * np.arange(sr_in) / sr_in)
    want = 0.5 * np.sin(2 * np.pi * 997 * np.arange(sr_out) / sr_out)
    y = audio.resample(x, sr_in, sr_out)
    assert y.shape == want.shape
    inner = slice(sr_out // 20, -sr_out // 20)  # the filter rings at the edges
    assert np.abs(y - want)[inner].max() < 1e-4


def test_resampling_removes_what_would_alias():
    x = 0.5 * np.sin(2 * np.pi * 6000 * np.arange(16000) / 16000)
    assert audio.rms_dbfs(audio.resample(x, 16000, 8000)[500:-500]) < -80


def test_resampling_keeps_channels_apart():
    x = np.stack([np.random.default_rng(0).uniform(-0.5, 0.5, 1000), np.zeros(1000)])
    y = audio.resample(x, 8000, 12000)
    assert y.shape == (2, 1500)
    assert np.abs(y[1]).max() == 0
    assert np.allclose(y[0], audio.resample(x[0], 8000, 12000), atol=1e-6)


@pytest.mark.parametrize("rates", [(0, 8000), (8000, 0), (8000, -1), (8000, 1.5), (float("nan"), 8000)])
def test_bad_rates(rates):
    with pytest.raises(audio.AudioError, match="sampling rate"):
        audio.resample(np.zeros(10), *rates)

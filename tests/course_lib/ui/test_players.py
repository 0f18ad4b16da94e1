"""Players: what the ear gets is measured in the embedded wav itself."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import ui


class Audio(HTMLParser):
    def __init__(self):
        super().__init__()
        self.elements, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        if tag == "audio":
            self.elements.append(dict(attrs))

    def handle_data(self, data):
        self.text += data


def parse(markup):
    found = Audio()
    found.feed(markup)
    return found


def sounds_in(markup):
    """The wav of every player as (n, channels) float64, and its sample rate."""
    wavs = []
    for element in parse(markup).elements:
        kind, _, data = element["src"].partition(";base64,")
        assert kind == "data:audio/wav"
        wavs.append(soundfile.read(io.BytesIO(base64.b64decode(data)), always_2d=True))
    return wavs


def rms_db(x):
    return 10 * np.log10(np.mean(x**2))


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def test_all_players_have_the_same_level_and_nothing_clips(rng):
    x = rng.normal(size=8001)
    click = np.zeros(8001)
    click[100] = 1.0  # a crest factor of 39 dB: at -23 dBFS its peak would be far above full scale
    markup = ui.player_html({"loud": 0.9 * x / abs(x).max(), "quiet": 1e-3 * x, "click": click}, 8000)
    wavs = sounds_in(markup)
    levels = [rms_db(wav) for wav, _ in wavs]
    assert max(levels) - min(levels) < 0.05
    assert max(abs(wav).max() for wav, _ in wavs) <= 10 ** (-0.1 / 20) + 1 / 32768
    assert {sr for _, sr in wavs} == {8000}


def test_level_is_minus_23_dbfs_when_nothing_would_clip(rng):
    wavs = sounds_in(ui.player_html({"a": 0.3 * rng.normal(size=16000).clip(-3, 3)}, 16000))
    assert rms_db(wavs[0][0]) == pytest.approx(-23, abs=0.02)


def test_without_matching_levels_keep_their_ratio(rng):
    x = rng.uniform(-0.5, 0.5, size=4000)
    (a, _), (b, _) = sounds_in(ui.player_html({"a": x, "b": x / 4}, 8000, level_match=False))
    np.testing.assert_allclose(a[:, 0], x, atol=1.01 / 32767)
    np.testing.assert_allclose(b[:, 0], x / 4, atol=1.01 / 32767)
    (a, _), (b, _) = sounds_in(ui.player_html({"a": 8 * x, "b": 2 * x}, 8000, level_match=False))
    assert abs(a).max() <= 0.99
    np.testing.assert_allclose(a, 4 * b, atol=4.1 / 32767)


def test_silence_stays_silence(rng):
    for quiet in (np.zeros(100), 1e-7 * rng.normal(size=100)):
        markup = ui.player_html({"nothing": quiet, "something": rng.normal(size=100) / 9}, 8000)
        wavs = sounds_in(markup)
        assert not wavs[0][0].any()
        assert rms_db(wavs[1][0]) == pytest.approx(-23, abs=0.1)
        assert "silence" in markup


def test_stereo_keeps_its_channels_and_balance():
    left, right = np.sin(np.arange(500) / 5) / 2, np.sin(np.arange(500) / 7) / 8
    wav, _ = sounds_in(ui.player_html({"pair": np.stack([left, right])}, 44_100))[0]
    assert wav.shape == (500, 2)
    ratio = np.sqrt(np.mean(wav[:, 0] ** 2) / np.mean(wav[:, 1] ** 2))
    assert ratio == pytest.approx(np.sqrt(np.mean(left**2) / np.mean(right**2)), rel=1e-2)


@pytest.mark.parametrize(
    "convert",
    [
        np.float32,
        np.float16,
        lambda x: torch.tensor(x, requires_grad=True),
        lambda x: torch.tensor(x).bfloat16(),
        lambda x: x[None],
        lambda x: list(x),
        lambda x: np.stack([x, x])[:, ::2],
        lambda x: (x * 32767).astype(np.int16),
    ],
)
def test_every_kind_of_sound_is_taken(convert, rng):
    x = rng.uniform(-0.3, 0.3, size=1001)
    wav, _ = sounds_in(ui.player_html({"x": convert(x)}, 8000))[0]
    assert rms_db(wav) == pytest.approx(-23, abs=0.05)


@pytest.mark.parametrize(
    ("sound", "message"),
    [
        (np.zeros(0), "'bad' is empty"),
        (np.zeros((0, 5)), "empty"),
        (np.array([0.0, np.nan]), "1 nan or infinite"),
        (np.array([np.inf, 0.0, np.nan]), "2 nan or infinite"),
        (np.zeros((100, 2)), r"shape \(100, 2\).*\(channels, n\)"),
        (np.zeros((3, 100)), r"one or two channels"),
        (np.zeros((1, 2, 100)), "shape"),
        (np.array(0.5), "shape"),
        (np.ones(8, dtype=complex), "complex128"),
        (torch.ones(8, dtype=torch.complex64), "complex64"),
        (np.array(["a"]), "real numbers"),
    ],
)
def test_bad_sounds_are_refused_by_name(sound, message):
    with pytest.raises(ValueError, match=message) as caught:
        ui.player_html({"good": np.ones(4), "bad": sound}, 8000)
    assert "'bad'" in str(caught.value)


@pytest.mark.parametrize("sr", [0, -8000, 8000.5, 1e6, True])
def test_bad_sample_rates(sr):
    with pytest.raises(ValueError, match="sample rate"):
        ui.player_html({"x": np.ones(4)}, sr)


def test_no_sounds_or_no_names():
    with pytest.raises(ValueError, match="at least one"):
        ui.player_html({}, 8000)
    with pytest.raises(ValueError, match="label"):
        ui.player_html(np.ones(9), 8000)


def test_labels_durations_and_gains_can_be_read_and_heard(rng):
    x = 10 ** (-29 / 20) * np.sign(rng.normal(size=12_000))  # RMS exactly -29 dBFS: the gain is +6 dB
    label = 'a <b> & "c"'
    markup = ui.player_html({label: x}, 8000)
    found = parse(markup)
    assert found.elements[0]["aria-label"] == f"{label}, 1.50 s"
    assert "controls" in found.elements[0]
    assert label in found.text
    assert "1.50 s · gain +6.0 dB" in found.text
    assert "<b>" not in markup
    assert "<script" not in markup


def test_the_gain_that_is_written_is_the_gain_that_was_applied(rng):
    sounds = {"a": rng.uniform(-0.9, 0.9, 3000), "b": rng.uniform(-0.01, 0.01, 3000)}
    markup = ui.player_html(sounds, 8000)
    written = [float(g.replace("−", "-")) for g in re.findall(r"gain ([+−]?[\d.]+) dB", markup)]
    applied = [rms_db(wav) - rms_db(x) for (wav, _), x in zip(sounds_in(markup), sounds.values(), strict=True)]
    np.testing.assert_allclose(written, applied, atol=0.06)


def test_input_is_not_changed(rng):
    x = rng.normal(size=50)
    before = x.copy()
    ui.player_html({"x": x}, 8000)
    np.testing.assert_array_equal(x, before)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(1e-4, 1e4), min_size=1, max_size=4),
    st.integers(1, 300),
    st.integers(0, 2**31),
    st.booleans(),
)
def test_never_clips_whatever_the_levels(scales, length, seed, match):
    rng = np.random.default_rng(seed)
    sounds = {str(i): scale * rng.normal(size=length) for i, scale in enumerate(scales)}
    peaks = [abs(wav).max() for wav, _ in sounds_in(ui.player_html(sounds, 8000, level_match=match))]
    assert max(peaks) < 0.99


def test_player_displays_its_html_and_words(outputs):
    ui.player({"clean": np.ones(8) / 2, "noisy": np.ones(8)}, 8000)
    assert outputs.html().count("<audio") == 2
    assert outputs[0]["data"]["text/plain"] == "[sound players: clean, noisy]"

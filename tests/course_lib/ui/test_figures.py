"""Figures with alt text, and the plots of sounds and training."""

import base64
import io
import json
import types

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image

from course_lib import ui


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_show_gives_png_and_alt_text_in_every_form(outputs):
    fig, ax = plt.subplots()
    ax.plot([1, 2])
    ui.show(fig, 'A line\n rising from "1" to <2>.')
    data, metadata = outputs[0]["data"], outputs[0]["metadata"]
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert image.width > 300
    assert 'alt="A line rising from &quot;1&quot; to &lt;2&gt;."' in data["text/html"]
    assert metadata == {"image/png": {"alt": 'A line rising from "1" to <2>.'}}
    assert data["text/plain"] == '[figure: A line rising from "1" to <2>.]'
    assert not plt.fignum_exists(fig.number)


@pytest.mark.parametrize("alt", ["", "  \n", None, 3])
def test_show_refuses_a_figure_without_words(outputs, alt):
    with pytest.raises(ValueError, match="alt text"):
        ui.show(plt.figure(), alt)
    assert not outputs


def test_show_refuses_what_is_no_figure(outputs):
    with pytest.raises(ValueError, match="figure"):
        ui.show(plt.subplots()[1], "An axis.")
    with pytest.raises(ValueError, match="figure"):
        ui.show(None, "Nothing.")


def test_the_palette_png_looks_like_the_true_colour_one():
    from course_lib.ui.figures import png

    fig, ax = plt.subplots(dpi=80)
    ax.imshow(np.random.default_rng(0).random((60, 90)), cmap="magma")
    buffer = io.BytesIO()
    fig.savefig(buffer, format="png", bbox_inches="tight", facecolor="white")
    true = np.asarray(Image.open(buffer).convert("RGB"), dtype=float)
    small = png(fig)
    palette = np.asarray(Image.open(io.BytesIO(small)).convert("RGB"), dtype=float)
    assert palette.shape == true.shape
    assert np.abs(palette - true).mean() < 4  # of 255
    assert len(small) < 0.7 * len(buffer.getvalue())


def level_at(ax, seconds, khz):
    """The dB value drawn at a point of the axis."""
    image = ax.images[0]
    left, right, bottom, top = image.get_extent()
    data = image.get_array()
    row = int((khz - bottom) / (top - bottom) * data.shape[0])
    column = int((seconds - left) / (right - left) * data.shape[1])
    return float(data[row, column])


@pytest.mark.parametrize("kind", ["waveform", "tensor", "complex", "magnitude"])
def test_a_tone_burst_is_drawn_where_and_as_loud_as_it_is(kind):
    sr, n_fft, hop = 8000, 512, 64
    t = np.arange(2 * sr) / sr
    x = np.where(t < 1, 1.0, 0.01) * np.sin(2 * np.pi * 1500 * t)
    X = torch.stft(torch.tensor(x), n_fft, hop, window=torch.hann_window(n_fft).double(), return_complex=True)
    item = {"waveform": x, "tensor": torch.tensor(x), "complex": X, "magnitude": X.abs().numpy()}[kind]
    ax = ui.spectrogram(item, sr, hop=hop, n_fft=n_fft)
    assert level_at(ax, 0.5, 1.5) == pytest.approx(0, abs=0.5)
    assert level_at(ax, 1.5, 1.5) == pytest.approx(-40, abs=0.5)
    assert level_at(ax, 0.5, 3.0) < -60
    assert ax.get_xlabel() == "time (s)"
    assert ax.get_ylabel() == "frequency (kHz)"
    assert ax.get_ylim() == (0, 4)
    assert ax.get_xlim()[1] == pytest.approx(2, abs=hop / sr)
    assert "dB" in ax.figure.axes[-1].get_ylabel()
    assert ax.images[0].get_clim() == (-80, 0)


def test_silence_and_one_frame_are_drawn():
    ui.spectrogram(np.zeros(3000), 8000)
    ax = ui.spectrogram(np.ones((5, 1)), 8000, hop=10)
    assert np.isfinite(ax.images[0].get_array()).all()


def test_frequencies_name_the_rows_of_a_mel_spectrogram():
    centres = np.geomspace(50, 4000, 40)
    ax = ui.spectrogram(np.ones((40, 9)), 8000, hop=80, frequencies=centres)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels[0] == "0.05"
    assert labels[-1] == "4.00"
    with pytest.raises(ValueError, match="40 bins"):
        ui.spectrogram(np.ones((40, 9)), 8000, hop=80, frequencies=centres[:-1])


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(0), "empty"),
        (np.zeros((3, 4, 5)), "shape"),
        (np.zeros((0, 4)), "shape"),
        (np.full((4, 4), -20.0), "decibels"),
        (np.full((4, 4), np.nan), "nan"),
    ],
)
def test_spectrogram_says_what_is_wrong(bad, message):
    with pytest.raises(ValueError, match=message):
        ui.spectrogram(bad, 8000)


def test_compare_shares_scale_and_colour_bar():
    loud, quiet = np.ones((9, 20)), 0.1 * np.ones((9, 20))
    fig = ui.compare({"loud": loud, "quiet": quiet, "third": loud}, 8000, hop=16)
    drawn = [ax for ax in fig.axes if ax.images]
    assert [ax.get_title(loc="left") or ax.get_title() for ax in drawn] == ["loud", "quiet", "third"]
    assert [float(ax.images[0].get_array().max()) for ax in drawn] == pytest.approx([0, -20, 0])
    assert sum("dB" in ax.get_ylabel() for ax in fig.axes) == 1
    own = ui.compare({"loud": loud, "quiet": quiet}, 8000, hop=16, shared=False)
    assert [float(ax.images[0].get_array().max()) for ax in own.axes if ax.images] == pytest.approx([0, 0])


def test_compare_takes_options_per_picture():
    x = np.random.default_rng(0).normal(size=4000)
    fig = ui.compare({"short": (x, {"n_fft": 64}), "long": (x, {"n_fft": 1024})}, 8000, db_range=50)
    shapes = [ax.images[0].get_array().shape[0] for ax in fig.axes if ax.images]
    assert shapes == [33, 513]
    assert fig.axes[0].images[0].get_clim() == (-50, 0)
    with pytest.raises(ValueError, match="at least one"):
        ui.compare({}, 8000)


def test_waveform_has_seconds():
    ax = ui.waveform(torch.ones(4000), 8000, title="ones")
    assert ax.get_xlim() == (0, 0.5)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("time (s)", "amplitude")
    with pytest.raises(ValueError, match="shape"):
        ui.waveform(np.ones((2, 5)), 8000)


def test_learning_curve_draws_training_and_validation():
    history = types.SimpleNamespace(steps=[1, 2, 3, 4], loss=[4.0, 3.0, 2.0, 1.0], validation=[(2, 3.5), (4, 1.5)])
    fig = ui.learning_curve({"a": history, "b": history})
    legend = [text.get_text() for text in fig.axes[0].get_legend().get_texts()]
    assert legend == ["a training", "a validation", "b training", "b validation"]
    assert fig.axes[0].get_xlabel() == "step"
    validation = fig.axes[0].lines[2]
    np.testing.assert_array_equal(validation.get_xydata(), [(2, 3.5), (4, 1.5)])


def test_smoothing_keeps_a_constant_and_ends_at_the_recent_mean():
    from course_lib.ui.plots import _smooth

    values = np.arange(500.0)
    np.testing.assert_allclose(_smooth(np.full(77, 3.0)), 3.0)
    assert _smooth(values)[-1] == pytest.approx(np.mean(values[-10:]))
    assert len(_smooth(values)) == 500


def test_setup_prints_one_line_and_moves_warnings_to_stdout(capsys, monkeypatch):
    import warnings

    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with plt.rc_context():
        ui.setup()
        warnings.warn_explicit("careful", UserWarning, "file.py", 3)
        colours = plt.rcParams["axes.prop_cycle"].by_key()["color"]
        assert plt.rcParams["image.cmap"] in ("magma", "viridis", "cividis")
    out, err = capsys.readouterr()
    first = out.splitlines()[0]
    assert first.startswith("device ")
    assert torch.__version__ in first
    assert "profile" in first
    assert err == ""
    assert json.dumps(colours[:2]) == '["#0072B2", "#D55E00"]'

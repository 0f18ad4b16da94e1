"""Interactive demos through the ipywidgets interface, and in a notebook executed without a front end."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib import ui

nbformat = pytest.importorskip("nbformat")


def draw(window, gain=1.0):
    fig, ax = plt.subplots()
    ax.plot([0, gain])
    return fig, f"A line for window {window} and gain {gain}."


def alt_texts(outputs):
    return [entry["metadata"]["image/png"]["alt"] for entry in outputs if "image/png" in entry["data"]]


def test_the_first_output_holds_question_controls_and_picture(outputs):
    demo = ui.explore(draw, question="Is 4 < 5?", window=[256, 1024], gain=(0.0, 2.0, 0.5, 1.0))
    question, controls, picture = outputs
    assert "Is 4 &lt; 5?" in question["data"]["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in controls["data"]
    assert "image/png" not in controls["data"]  # else a live front end shows the picture twice
    assert alt_texts([picture]) == ["A line for window 256 and gain 1.0."]
    assert "window = 256, gain = 1" in picture["data"]["text/html"]
    assert demo.values == {"window": 256, "gain": 1.0}


def test_moving_a_control_replaces_the_picture(outputs):
    demo = ui.explore(draw, question="?", window=[256, 1024])
    before = outputs[2]["data"]["image/png"]
    demo.controls["window"].value = 1024
    assert len(outputs) == 3
    assert alt_texts(outputs) == ["A line for window 1024 and gain 1.0."]
    demo.controls["window"].value = 256
    assert outputs[2]["data"]["image/png"] == before


def test_pictures_really_differ(outputs):
    demo = ui.explore(draw, question="?", window=[1], gain=(0, 4))
    first = outputs[2]["data"]["image/png"]
    demo.controls["gain"].value = 3
    assert outputs[2]["data"]["image/png"] != first


def test_a_bare_figure_gets_words_from_the_values(outputs):
    ui.explore(lambda my_number: plt.figure(), question="?", my_number=(1, 5))
    assert alt_texts(outputs) == ["The figure for my number = 1."]


def test_sound_follows_the_controls(outputs):
    def sounding(level):
        return plt.figure(), "Nothing.", {f"tone {level}": np.full(80, level)}

    demo = ui.explore(sounding, question="?", sr=8000, level=(0.1, 0.9, 0.1))
    assert 'aria-label="tone 0.1' in outputs.html(3)
    demo.controls["level"].value = 0.5
    assert 'aria-label="tone 0.5' in outputs.html(3)
    assert len(outputs) == 4


def test_an_error_while_moving_is_shown_and_then_goes_away(outputs):
    def fragile(n):
        fig = plt.figure()
        if n == 2:
            raise ZeroDivisionError("n <two>")
        return fig

    demo = ui.explore(fragile, question="?", n=(1, 3))
    demo.controls["n"].value = 2
    assert "ZeroDivisionError: n &lt;two&gt;" in outputs.html(2)
    assert "n = 2" in outputs.html(2)
    assert "in fragile" in outputs.html(2)
    assert "_drawn" not in outputs.html(2)  # no frame of the library
    demo.controls["n"].value = 3
    assert alt_texts(outputs) == ["The figure for n = 3."]
    assert not plt.get_fignums()  # a figure left open would appear under the next cell


def test_an_error_at_the_start_is_raised_and_shows_nothing(outputs):
    with pytest.raises(ZeroDivisionError):
        ui.explore(lambda n: 1 / 0, question="?", n=(1, 3))
    assert not outputs


@pytest.mark.parametrize(
    ("controls", "kind"),
    [
        ({"a": [1, 2, 3]}, "SelectionSlider"),
        ({"a": ["hann", "boxcar"]}, "Dropdown"),
        ({"a": {"Hann": "hann"}}, "Dropdown"),
        ({"a": True}, "Checkbox"),
        ({"a": (1, 9, 2)}, "IntSlider"),
        ({"a": (1, 9.0)}, "FloatSlider"),
    ],
)
def test_each_specification_makes_its_control(outputs, controls, kind):
    demo = ui.explore(lambda a: plt.figure(), question="?", **controls)
    control = demo.controls["a"]
    assert type(control).__name__ == kind
    assert control.description == "a"
    assert getattr(control, "continuous_update", False) is False


def test_a_list_of_numbers_starts_at_its_first_and_rises(outputs):
    slider = ui.explore(lambda a: plt.figure(), question="?", a=[512, 64, 2048]).controls["a"]
    assert [value for _, value in slider.options] == [64, 512, 2048]
    assert slider.value == 512


@pytest.mark.parametrize("spec", [[], (5, 1), (1,), (1, 2, 3, 4, 5), "text", ("a", "b"), {}, None])
def test_bad_controls_are_named(outputs, spec):
    with pytest.raises(ValueError, match="width"):
        ui.explore(lambda width: plt.figure(), question="?", width=spec)


def test_question_and_controls_are_demanded(outputs):
    with pytest.raises(ValueError, match="question"):
        ui.explore(draw, question=" ", window=[1])
    with pytest.raises(ValueError, match="control"):
        ui.explore(draw, question="?")


def test_draw_must_return_a_figure(outputs):
    with pytest.raises(ValueError, match="figure"):
        ui.explore(lambda a: None, question="?", a=[1, 2])
    with pytest.raises(ValueError, match="4 things"):
        ui.explore(lambda a: (1, 2, 3, 4), question="?", a=[1, 2])
    with pytest.raises(ValueError, match="sample rate"):
        ui.explore(lambda a: (plt.figure(), "x", {"s": np.ones(5)}), question="?", a=[1, 2])

"""Interactive demos: move a control, see the figure and hear the sound change.

The figure is an output of its own, replaced at every move, and not a part of the widget. So it stays where no widget
lives: in saved notebooks, in exported HTML, on GitHub. There the reader sees the last picture drawn.
"""

import traceback
import uuid
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from course_lib.ui.display import escape, publish, publish_bundle
from course_lib.ui.figures import picture
from course_lib.ui.numbers import is_number
from course_lib.ui.players import player_html

if TYPE_CHECKING:
    from ipywidgets import Widget
    from matplotlib.figure import Figure

Drawn = Any  # Figure | (Figure, alt) | (Figure, alt, {label: sound})


def explore(
    draw: Callable[..., "Figure | tuple"], *, question: str, sr: int | None = None, **controls: Any
) -> "Exploration":
    """Display a question, one labelled control per keyword, and what `draw` makes of their values.

    Args:
        draw: called as `draw(name=value, ...)` at the start and after each move. Returns a matplotlib figure, or
            (figure, alt text), or (figure, alt text, {label: sound}) to show sound players too.
        question: what the reader should answer by moving the controls.
        sr: sample rate of the sounds in Hz, needed if `draw` returns sounds.
        **controls: a list of values (the first is the start; numbers make a rising slider), a dict of label to value,
            True or False, an ipywidgets control, or (min, max), (min, max, step) or (min, max, step, start) for a
            slider. The label is the keyword with underscores as spaces.

    Returns:
        The `Exploration`; its `controls` may be set by code. It displays itself once, here.

    Raises:
        ValueError: no question, no control, or a control that is none of the above. An error inside the first `draw`
            is raised; later ones are shown in place of the figure.

    Used from unit 00_start on.
    """
    if not question.strip():
        raise ValueError("a demo needs a question that the reader answers by moving the controls.")
    if not controls:
        raise ValueError("a demo needs at least one control, such as window=[256, 1024].")
    widgets = {name: make_control(name, spec) for name, spec in controls.items()}
    exploration = Exploration(draw, question, widgets, sr)
    exploration.display()
    return exploration


class Exploration:
    """A demo on the page: `controls` maps each keyword to its ipywidgets control."""

    def __init__(self, draw: Callable[..., Drawn], question: str, controls: Mapping[str, "Widget"], sr: int | None):
        self.draw, self.question, self.controls, self.sr = draw, question, dict(controls), sr
        self._picture_id, self._sound_id = f"picture-{uuid.uuid4().hex}", f"sound-{uuid.uuid4().hex}"
        self._has_sound = False

    @property
    def values(self) -> dict[str, Any]:
        """The present value of every control."""
        return {name: control.value for name, control in self.controls.items()}

    def display(self) -> None:
        """Draw, then show the question, the controls and the picture."""
        outputs = self._outputs()
        self._has_sound = outputs[1] is not None
        publish(f"<p><strong>Try it.</strong> {escape(self.question)}</p>", text=f"Try it. {self.question}")
        self._show_controls()
        self._show(*outputs, update=False)
        for control in self.controls.values():
            control.observe(self._moved, names="value")

    def _moved(self, _change: object) -> None:
        """Redraw after a move; an error takes the place of the picture, because a callback has no cell to raise in."""
        try:
            outputs = self._outputs()
        except Exception as error:
            text = f"The demo failed for {_in_words(self.values)}.\n{_traceback_of(error)}"
            bundle = {"text/html": f'<pre role="alert" style="color:inherit">{escape(text)}</pre>', "text/plain": text}
            outputs = (bundle, {}), None
        self._show(*outputs, update=True)

    def _outputs(self) -> tuple[tuple[dict, dict], str | None]:
        """The picture's bundle with its metadata, and the players' HTML if there is sound."""
        import matplotlib.pyplot as plt

        before = set(plt.get_fignums())
        try:
            fig, alt, sounds = self._drawn()
            players = None
            if sounds is not None:
                if self.sr is None:
                    raise ValueError("draw returned sounds: tell explore their sample rate, sr=16000.")
                players = player_html(sounds, self.sr)
            bundle, metadata = picture(fig, alt)
            bundle["text/html"] += f"<div><small>{escape(_in_words(self.values))}</small></div>"
            return (bundle, metadata), players
        finally:
            for number in set(plt.get_fignums()) - before:  # otherwise the next cell would show them
                plt.close(number)

    def _drawn(self) -> tuple["Figure", str, Mapping | None]:
        drawn = self.draw(**self.values)
        parts = drawn if isinstance(drawn, tuple) else (drawn,)
        if not 1 <= len(parts) <= 3:
            raise ValueError(
                f"draw returned {len(parts)} things: return a figure, (figure, alt) or (figure, alt, sounds)."
            )
        alt = parts[1] if len(parts) > 1 else f"The figure for {_in_words(self.values)}."
        return parts[0], alt, parts[2] if len(parts) > 2 else None

    def _show(self, drawn: tuple[dict, dict], players: str | None, *, update: bool) -> None:
        bundle, metadata = drawn
        publish_bundle(bundle, metadata=metadata, display_id=self._picture_id, update=update)
        if self._has_sound:
            publish(players or "", text="[sound players]", display_id=self._sound_id, update=update)

    def _show_controls(self) -> None:
        from ipywidgets import VBox

        words = f"Controls: {_in_words(self.values)}. They move when the notebook runs."
        box = VBox(list(self.controls.values()))
        bundle = dict(box._repr_mimebundle_() or {})
        bundle["text/plain"] = words
        publish_bundle(bundle)

    def _ipython_display_(self) -> None:
        """Nothing: `explore` has displayed it already."""


def make_control(name: str, spec: Any) -> "Widget":
    """The ipywidgets control for one keyword of `explore`; it reports a value when the hand lets go."""
    import ipywidgets as widgets

    label = name.replace("_", " ")
    style = {"description_width": "9rem"}
    common = {"description": label, "style": style, "layout": widgets.Layout(width="min(32rem, 98%)")}
    if isinstance(spec, widgets.Widget):
        return spec
    if isinstance(spec, bool):
        return widgets.Checkbox(value=spec, **common)
    if isinstance(spec, Mapping) and spec:
        return widgets.Dropdown(options=list(spec.items()), **common)
    if isinstance(spec, list) and spec:
        numbers = len(spec) > 1 and all(is_number(v) for v in spec)
        options = [(format_option(v), v) for v in (sorted(spec) if numbers else spec)]
        if numbers:  # a slider rises from left to right, wherever it starts
            return widgets.SelectionSlider(options=options, value=spec[0], continuous_update=False, **common)
        return widgets.Dropdown(options=options, value=spec[0], **common)
    if isinstance(spec, tuple) and 2 <= len(spec) <= 4 and all(is_number(v) for v in spec):
        return _slider(spec, common)
    raise ValueError(
        f"control {name}={spec!r}: give a list of values, a dict of label to value, True or False, "
        "or (min, max), (min, max, step), (min, max, step, start)."
    )


def _slider(spec: tuple, common: dict) -> "Widget":
    import ipywidgets as widgets

    low, high, *rest = spec
    if low >= high:
        raise ValueError(f"slider {common['description']!r}: min {low} is not below max {high}.")
    whole = all(isinstance(v, int) for v in spec)
    step = rest[0] if rest else (1 if whole else (high - low) / 100)
    start = rest[1] if len(rest) > 1 else low
    kind = widgets.IntSlider if whole else widgets.FloatSlider
    return kind(min=low, max=high, step=step, value=start, continuous_update=False, **common)


def format_option(value: Any) -> str:
    """A choice as text: a number without digits that say nothing (0.1, not 0.100)."""
    return f"{value:.4g}".replace("-", "−") if isinstance(value, float) else str(value)


def _traceback_of(error: Exception) -> str:
    """The traceback from the reader's own `draw` on; the frames of this file would teach nothing."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    return "".join(traceback.format_exception(type(error), error, frames))


def _in_words(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} = {format_option(value)}" for name, value in values.items())

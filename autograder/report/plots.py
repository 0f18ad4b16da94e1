"""Pictures for the report as data URIs: each in a light and a dark version, with the same content in words."""

import base64
import io
import math
import statistics
from dataclasses import dataclass

__all__ = ["Plot", "score_plot", "time_plot"]

INCHES = (4.7, 2.5)
"""About as wide as a phone at one point per pixel, so that the letters stay readable there."""
THEMES = {"light": ("#1c2230", "#dcdad3", "#17643a"), "dark": ("#e7e9ee", "#3a4252", "#7fd6a0")}
MOST_BARS = 20


@dataclass(frozen=True)
class Plot:
    """A picture: data URIs of an SVG for light and dark pages, and what it shows in words."""

    light: str
    dark: str
    alt: str


def score_plot(scores: list[float], points: float) -> Plot:
    """How many students have how many points."""
    width = 1.0 if points <= MOST_BARS else points / MOST_BARS
    bars = max(1, math.ceil(points / width - 1e-9)) + (width == 1.0)
    counts = [0] * bars
    for score in scores:
        counts[min(bars - 1, max(0, int(score / width + (0.5 if width == 1.0 else 0.0))))] += 1
    centres = [(i + (0.0 if width == 1.0 else 0.5)) * width for i in range(bars)]

    def draw(ax, ink: str, grid: str, fill: str) -> None:
        ax.bar(centres, counts, width=0.86 * width, color=fill)
        ax.set(xlabel=f"points (of {points:g})", ylabel="students")
        ax.yaxis.get_major_locator().set_params(integer=True)

    alt = (f"Histogram of the points of {_count(scores)}: lowest {min(scores):g}, median "
           f"{statistics.median(scores):g}, highest {max(scores):g} of {points:g}.")
    return _plot(draw, alt, INCHES)


def time_plot(labels: list[str], seconds: list[list[float]]) -> Plot | None:
    """The grading time of every student on every exercise; None where nothing was measured."""
    rows = [(label, [max(s, 1e-3) for s in row]) for label, row in zip(labels, seconds, strict=True) if row]
    if not rows:
        return None

    def draw(ax, ink: str, grid: str, fill: str) -> None:
        for at, (_, row) in enumerate(rows):
            ax.plot(row, [at] * len(row), "|", color=fill, markersize=9, alpha=0.7)
            ax.plot([statistics.median(row)], [at], "o", color=ink, markersize=4)
        ax.set_xscale("log")
        ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.xaxis.set_minor_formatter(lambda value, _: "")
        ax.set_yticks(range(len(rows)), [_short(label) for label, _ in rows])
        ax.set_ylim(len(rows) - 0.4, -0.6)
        ax.set_xlabel("seconds; a stroke is a student, a dot the median")

    words = "; ".join(f"{label}: median {statistics.median(row):.2g} s, longest {max(row):.2g} s"
                      for label, row in rows)
    return _plot(draw, f"Grading time by exercise. {words}.", (INCHES[0], 0.9 + 0.3 * len(rows)))


def _plot(draw, alt: str, inches: tuple[float, float]) -> Plot:
    return Plot(*(_svg(draw, inches, *THEMES[theme]) for theme in ("light", "dark")), alt)


def _svg(draw, inches: tuple[float, float], ink: str, grid: str, fill: str) -> str:
    """The picture on a transparent ground; letters become outlines, so that it looks the same everywhere."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settings = {"font.size": 9, "svg.hashsalt": "course", "text.parse_math": False, "text.color": ink,
                "axes.labelcolor": ink, "xtick.color": ink, "ytick.color": ink, "axes.edgecolor": ink}
    with rc_context(settings):
        figure = Figure(figsize=inches, layout="constrained")
        FigureCanvasSVG(figure)
        ax = figure.subplots()
        ax.patch.set_alpha(0)
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(color=grid, linewidth=0.7)
        ax.set_axisbelow(True)
        draw(ax, ink, grid, fill)
        file = io.BytesIO()
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()


def _count(values: list) -> str:
    return "1 student" if len(values) == 1 else f"{len(values)} students"


def _short(label: str, length: int = 18) -> str:
    return label if len(label) <= length else label[: length - 1] + "…"

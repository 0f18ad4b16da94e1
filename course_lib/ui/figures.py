"""Showing a matplotlib figure as a picture that also has words."""

import base64
import io
from typing import TYPE_CHECKING

from course_lib.ui.display import escape, publish_bundle

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = 256  # a colour map has 256 steps, so a palette loses nothing but bytes


def show(fig: "Figure", alt: str) -> None:
    """Display `fig` as a PNG with alternative text, then close it.

    Args:
        fig: a matplotlib figure.
        alt: one or two sentences that say what there is to see, for a reader who does not see it.

    Raises:
        ValueError: `alt` is empty, or `fig` is not a figure.

    Used from unit 00_start on.
    """
    bundle, metadata = picture(fig, alt)
    publish_bundle(bundle, metadata=metadata)


def picture(fig: "Figure", alt: str) -> tuple[dict, dict]:
    """The MIME bundle of a figure and its metadata; closes the figure.

    HTML comes first because JupyterLab drops the alt text of a bare PNG; the PNG serves GitHub and PDF.
    """
    import matplotlib.pyplot as plt
    from matplotlib.figure import Figure

    if not isinstance(fig, Figure):
        raise ValueError(f"show needs a matplotlib figure, got {type(fig).__name__}: pass fig, or ax.figure.")
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError("a figure needs alt text: say in one sentence what there is to see.")
    data = png(fig)
    plt.close(fig)
    encoded, text = base64.b64encode(data).decode("ascii"), " ".join(alt.split())
    image = f'<img src="data:image/png;base64,{encoded}" alt="{escape(text)}" style="max-width:100%;height:auto">'
    bundle = {"text/html": image, "image/png": encoded, "text/plain": f"[figure: {text}]"}
    return bundle, {"image/png": {"alt": text}}


def png(fig: "Figure") -> bytes:
    """The figure as a palette PNG, about a third of the bytes of a true-colour one."""
    from PIL import Image

    buffer, small = io.BytesIO(), io.BytesIO()
    fig.savefig(buffer, format="png", bbox_inches="tight", facecolor="white")
    image = Image.open(buffer).convert("RGB")
    image.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        small, format="PNG", optimize=True
    )
    return min(buffer.getvalue(), small.getvalue(), key=len)

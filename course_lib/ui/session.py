"""The first call of every notebook."""

import logging
import sys
import warnings
from typing import TextIO

from course_lib import device

OKABE_ITO = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLE = {
    "axes.grid": True,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "figure.constrained_layout.use": True,
    "figure.dpi": 100,
    "figure.figsize": (8.0, 3.0),
    "figure.max_open_warning": 0,
    "font.size": 10,
    "grid.alpha": 0.3,
    "image.aspect": "auto",
    "image.cmap": "magma",
    "image.origin": "lower",
    "legend.frameon": False,
    "savefig.dpi": 100,
}


def setup() -> None:
    """Apply the plot style, send warnings to stdout, and print the device, the profile and torch's version.

    The colour cycle is that of Okabe and Ito (2008), which readers with any colour vision can tell apart; the colour
    map is perceptually uniform. Warnings go to stdout because nbgrader scores a graded cell 0 when it writes to stderr.

    Raises:
        DeviceError: COURSE_DEVICE or COURSE_PROFILE names something that does not exist.
    """
    apply_style()
    warnings.showwarning = _warn_on_stdout
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    found = device.report()
    print(f"device {found.device} ({found.name}) · profile {found.profile} · torch {found.torch}")


def apply_style() -> None:
    """Set matplotlib's defaults to the course's."""
    import matplotlib as mpl

    mpl.rcParams.update(STYLE)
    mpl.rcParams["axes.prop_cycle"] = mpl.cycler(color=OKABE_ITO)


def _warn_on_stdout(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    print(f"{category.__name__}: {message}", file=file or sys.stdout)

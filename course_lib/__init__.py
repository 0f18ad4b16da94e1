"""The helper library of the course: audio, data, signal, models, checks and the notebook front end.

Layers, each importing only what stands under it:

    ui, checks → models, train → nn, losses, metrics → signal → data → audio, device

Importing the package is cheap: every submodule is loaded when it is first used.
"""

import lazy_loader

__version__ = "0.1.0"

_SUBMODULES = ("audio", "checks", "data", "device", "losses", "metrics", "models", "nn", "signal", "train", "ui")

__getattr__, __dir__, __all__ = lazy_loader.attach(__name__, submodules=_SUBMODULES)

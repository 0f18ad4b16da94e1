"""What a notebook shows: figures with alt text, sound players, tables, cards and demos that survive in saved HTML.

matplotlib, IPython and ipywidgets are imported by the functions that need them, never by importing this package.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "cards": ["card", "hint"],
        "demos": ["Exploration", "explore"],
        "figures": ["show"],
        "players": ["player", "player_html"],
        "plots": ["compare", "learning_curve", "spectrogram", "waveform"],
        "recording": ["results"],
        "session": ["setup"],
        "tables": ["table", "table_html"],
    },
)

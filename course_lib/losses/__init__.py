"""Training losses that the course derives: one family per file."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "ctc": ["ctc_backward", "ctc_forward", "ctc_loss", "ctc_occupancy"],
    },
)

"""Measures of how good an output is: one task per file, with the conventions at its top."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "edit_distance": ["EditCounts", "edit_counts", "error_interval", "error_rate"],
    },
)

"""How good a result is: measures that papers report, never used for gradients."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "edit_alignment": ["confusions", "edit_alignment"],
        "edit_distance": ["EditCounts", "edit_counts", "error_interval", "error_rate"],
        "representation": ["error_up_to_shift", "neighbour_accuracy", "relative_change", "stability_constant"],
        "si_sdr": ["Scores", "sdr", "separation_scores", "si_sdr"],
    },
)

"""How good a result is: measures that papers report, never used for gradients."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "bss_eval": ["BSSEval", "bss_eval"],
        "edit_alignment": ["confusions", "edit_alignment"],
        "edit_distance": ["EditCounts", "edit_counts", "error_interval", "error_rate"],
        "representation": ["error_up_to_shift", "neighbour_accuracy", "relative_change", "stability_constant"],
        "segment_alignment": ["correctly_aligned"],
        "si_sdr": ["Scores", "sdr", "separation_scores", "si_sdr"],
    },
)

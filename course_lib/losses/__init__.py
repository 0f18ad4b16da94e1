"""What a network minimises: each loss in a file of its own, named as the papers name it."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "ctc": ["ctc_backward", "ctc_forward", "ctc_loss", "ctc_occupancy"],
        "deep_clustering": ["deep_clustering_loss"],
        "mixit": ["assignments", "mixit", "thresholded_snr_loss"],
        "pit": ["pairwise", "permutation_invariant", "pit_si_snr_loss", "reorder"],
        "si_snr": ["si_snr", "si_snr_loss"],
    },
)

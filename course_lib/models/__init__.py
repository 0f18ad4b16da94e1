"""Complete systems, one file each, readable from top to bottom."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "bigram": ["BigramModel"],
        "ctc_decoding": ["best_path", "collapse", "prefix_beam_search"],
        "ctc_recogniser": ["CTCRecogniser"],
    },
)

"""One file per system, each readable from top to bottom."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "conv_tasnet": ["ConvTasNet"],
        "deep_clustering": ["DeepClustering", "kmeans"],
        "tasnet": ["TasNet"],
    },
)

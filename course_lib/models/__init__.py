"""One file per system, each readable from top to bottom."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "bigram": ["BigramModel"],
        "conv_tasnet": ["ConvTasNet"],
        "ctc_decoding": ["best_path", "collapse", "prefix_beam_search"],
        "ctc_recogniser": ["CTCRecogniser"],
        "deep_clustering": ["DeepClustering", "kmeans"],
        "sample_rnn": ["SampleRNN"],
        "tasnet": ["TasNet"],
        "wavenet": ["GatedBlock", "WaveNet", "past_of"],
        "wavenet_generation": ["CachedGenerator", "generate", "generate_naive", "pick_class"],
        "trained_weights": ["WeightsError", "keep_weights", "pretrained", "pretrained_card", "pretrained_names"],
    },
)

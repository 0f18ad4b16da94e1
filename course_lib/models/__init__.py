"""One file per system, each readable from top to bottom."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["hidden_markov"],
    submod_attrs={
        "bigram": ["BigramModel"],
        "conv_tasnet": ["ConvTasNet"],
        "ctc_decoding": ["best_path", "collapse", "prefix_beam_search"],
        "ctc_recogniser": ["CTCRecogniser"],
        "deep_clustering": ["DeepClustering", "kmeans"],
        "dnn_hmm": ["DNNHMM", "scaled_log_likelihood"],
        "gaussian_mixture": ["GaussianMixture", "log_gaussians"],
        "gmm_hmm": ["GMMHMM"],
        "lexicon": ["Lexicon", "WordGraph"],
        "ngram": ["NGramModel"],
        "speech_features": ["deltas", "mfcc_with_deltas"],
        "tasnet": ["TasNet"],
        "trained_weights": ["WeightsError", "keep_weights", "pretrained", "pretrained_card", "pretrained_names"],
        "word_recogniser": ["align", "decode", "word_scores"],
    },
)

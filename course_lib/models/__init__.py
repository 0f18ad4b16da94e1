"""One file per system, each readable from top to bottom."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=["hidden_markov"],
    submod_attrs={
        "attention_recogniser": ["AttentionRecogniser", "string_loss"],
        "bigram": ["BigramModel"],
        "conv_tasnet": ["ConvTasNet"],
        "ctc_decoding": ["best_path", "collapse", "prefix_beam_search"],
        "ctc_recogniser": ["CTCRecogniser"],
        "deep_clustering": ["DeepClustering", "kmeans"],
        "deep_speech": ["DeepSpeech"],
        "dnn_hmm": ["DNNHMM", "scaled_log_likelihood"],
        "gaussian_mixture": ["GaussianMixture", "log_gaussians"],
        "gmm_hmm": ["GMMHMM"],
        "lexicon": ["Lexicon", "WordGraph"],
        "monotone_alignment": ["align", "align_scores"],
        "ngram": ["NGramModel"],
        "phone_classifier": ["PhoneClassifier", "force_align"],
        "sample_rnn": ["SampleRNN"],
        "speech_features": ["deltas", "mfcc_with_deltas"],
        "tasnet": ["TasNet"],
        "text_informed_separation": ["TextInformedSeparator", "diagonal_penalty", "spectrogram_loss"],
        "trained_weights": ["WeightsError", "keep_weights", "pretrained", "pretrained_card", "pretrained_names"],
        "wavenet": ["GatedBlock", "WaveNet", "past_of"],
        "wavenet_generation": ["CachedGenerator", "generate", "generate_naive", "pick_class"],
        "word_recogniser": ["align_words", "decode_words", "word_scores"],
        "word_spelling": ["SpelledBigram", "spelled_beam_search"],
    },
)

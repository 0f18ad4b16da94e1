"""DNN-HMM: the Gaussians of a hidden Markov model replaced by a network that names the state of each frame.

The network is trained as a classifier of states on an alignment, which another recogniser has made. Its softmax is
p(q | o), but the HMM asks for p(o | q). By Bayes' rule p(o | q) = p(q | o) · p(o) / p(q); p(o) is the same for all
states, so p(q | o) / p(q) will do: the *scaled likelihood*. Derived in unit 11_dtw_hmm.

Papers: H. Bourlard, N. Morgan, "Connectionist speech recognition: a hybrid approach", 1994; G. Hinton et al., "Deep
neural networks for acoustic modeling in speech recognition", IEEE Signal Processing Magazine 29, 2012.
"""

import torch
from torch import Tensor, nn

from course_lib.models.lexicon import Lexicon
from course_lib.models.word_recogniser import word_scores


class DNNHMM(nn.Module):
    """A frame with its neighbours in, one logit for each state of each word out.

    Args:
        words: number of words, each a unit of its own.
        states_per_word: states of the chain of one word.
        features: features of a frame.
        context: frames on each side that the network sees.
        width: units of each of the two hidden layers.
        dropout: probability that a hidden unit is zeroed while training.

    The buffers `log_prior` and `log_stay` (states,) are set by `prepare`; with them the model is a whole recogniser.
    """

    def __init__(
        self, words: int = 10, states_per_word: int = 8, *, features: int = 39, context: int = 5, width: int = 192,
        dropout: float = 0.2,
    ):
        super().__init__()
        self.config = {
            "words": words, "states_per_word": states_per_word, "features": features, "context": context,
            "width": width, "dropout": dropout,
        }
        self.context = context
        self.lexicon = Lexicon.of_words(words, states_per_word)
        states = self.lexicon.states
        self.layers = nn.Sequential(
            nn.Linear((2 * context + 1) * features, width), nn.LayerNorm(width), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(width, width), nn.LayerNorm(width), nn.ReLU(), nn.Dropout(dropout),
            nn.Linear(width, states),
        )
        self.register_buffer("log_prior", torch.full((states,), 1 / states).log())
        self.register_buffer("log_stay", torch.full((states,), 0.6).log())

    def forward(self, features: Tensor, lengths: Tensor) -> Tensor:
        """(utterances, frames, features) → (utterances, frames, states) logits; padding has no influence."""
        return self.layers(stack_context(features, lengths, self.context))

    def prepare(self, alignment: Tensor, log_stay: Tensor) -> None:
        """Set the priors from the states of the training frames, and the probabilities to stay.

        Args:
            alignment: int64 states of any shape, -1 where there is none.
            log_stay: (states,).
        """
        counts = torch.bincount(alignment[alignment >= 0].flatten(), minlength=len(self.log_prior)).clamp_min(1)
        self.log_prior.copy_((counts / counts.sum()).log())
        self.log_stay.copy_(log_stay)

    @torch.no_grad()
    def log_emit(self, features: Tensor, lengths: Tensor, *, prior_weight: float = 1.0) -> Tensor:
        """(utterances, frames, states): ln p(q | o) - weight · ln p(q). The network must be in evaluation mode."""
        return scaled_log_likelihood(self(features, lengths), self.log_prior, weight=prior_weight).double()

    def word_scores(self, features: Tensor, lengths: Tensor, *, prior_weight: float = 1.0) -> Tensor:
        """(utterances, words): ln p(utterance | word) but for a constant of the utterance."""
        emit = self.log_emit(features, lengths, prior_weight=prior_weight)
        return word_scores(emit, lengths, self.log_stay.double(), self.lexicon)


def scaled_log_likelihood(logits: Tensor, log_prior: Tensor, *, weight: float = 1.0) -> Tensor:
    """ln of p(q | o) / p(q) from the logits of a network.

    Args:
        logits: (..., states), before the softmax.
        log_prior: (states,), ln p(q).
        weight: exponent of the prior; 0 leaves it out.

    >>> scaled_log_likelihood(torch.tensor([0.9, 0.1]).log(), torch.tensor([0.3, 0.7]).log()).exp()
    tensor([3.0000, 0.1429])
    """
    return logits.log_softmax(-1) - weight * log_prior


def stack_context(features: Tensor, lengths: Tensor, context: int) -> Tensor:
    """(utterances, frames, features) → (utterances, frames, (2 · context + 1) · features).

    Before the first frame stands the first one again, behind the last valid one the last.

    Raises:
        ValueError: not one length for each utterance.
    """
    if lengths.shape != features.shape[:1]:
        raise ValueError(f"{len(features)} utterances need as many lengths, got shape {tuple(lengths.shape)}")
    frames = features.shape[1]
    index = torch.arange(frames, device=features.device)[:, None] + torch.arange(
        -context, context + 1, device=features.device)                     # (frames, window)
    index = torch.minimum(index.clamp_min(0), (lengths - 1)[:, None, None])
    rows = torch.arange(len(features), device=features.device)[:, None, None]
    return features[rows, index].flatten(2)

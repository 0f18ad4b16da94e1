"""GMM-HMM: words as chains of hidden states, each state a mixture of Gaussians, trained by Baum-Welch.

Training needs the words of each utterance and no times: every state gets each frame in the share in which the model
itself believes that it belongs there. The start is flat: the states of an utterance share its frames evenly. One
Gaussian per state first, then each is split in two, and so on. Derived in unit 11_dtw_hmm.

Papers: L. Rabiner, Proc. IEEE 77, 1989; S. Young et al., "The HTK book" (flat start, mixture splitting).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from course_lib.models import hidden_markov
from course_lib.models.gaussian_mixture import VARIANCE_FLOOR, GaussianMixture, Statistics
from course_lib.models.lexicon import Lexicon
from course_lib.models.word_recogniser import by_transcript
from course_lib.nn.padding import inside

STAY_RANGE = (0.05, 0.98)
"""Bounds of the probability to stay, so that no state becomes a trap or a single frame for ever."""

PIECE = 8192
"""Frames whose likelihoods are computed at once: each needs an array of all states and components."""


@dataclass(frozen=True, eq=False)
class GMMHMM:
    """One mixture and one probability to stay for each shared state of the lexicon."""

    lexicon: Lexicon
    mixture: GaussianMixture
    log_stay: Tensor

    def log_emit(self, features: Tensor) -> Tensor:
        """(utterances, frames, features) → (utterances, frames, states): ln p(frame | state), float64."""
        pieces = features.flatten(0, 1).double().split(PIECE)
        return torch.cat([self.mixture.log_prob(piece).T for piece in pieces]).unflatten(0, features.shape[:2])

    @classmethod
    def fit(
        cls, features: Tensor, lengths: Tensor, transcripts: Sequence[Sequence[int]], lexicon: Lexicon, *,
        components: int = 4, iterations: int = 4,
    ) -> tuple["GMMHMM", list[float]]:
        """Flat start, then `iterations` of Baum-Welch for 1, 2, 4 … up to `components` Gaussians per state.

        Args:
            features: (utterances, frames, features).
            lengths: (utterances,) valid frames, all finite; utterances with fewer frames than states are left out.
            transcripts: the words of each utterance, as indices into the lexicon.
            components: a power of two.
            iterations: at each number of components.

        Returns:
            The model, and ln p per frame before each iteration. It never falls between two splits (but for the floors).

        Raises:
            ValueError: `components` is no power of two, no utterance is long enough, the numbers of utterances differ,
                a length exceeds the frames, or a valid frame is NaN or infinite.
        """
        if components < 1 or components & (components - 1):
            raise ValueError(f"components must be a power of two, as Gaussians are split in two, got {components}")
        if not len(features) == len(lengths) == len(transcripts) or int(lengths.max()) > features.shape[1]:
            raise ValueError(
                f"features of shape {tuple(features.shape)} need as many lengths and transcripts as utterances, got "
                f"{len(lengths)} and {len(transcripts)}, and lengths of at most {features.shape[1]} frames"
            )
        frames = features[inside(lengths, features.shape[1])].double()
        if not torch.isfinite(frames).all():
            raise ValueError("the features of valid frames must be finite, and some are NaN or infinite")
        model, history = cls._flat_start(features, lengths, transcripts, lexicon), []
        floor = VARIANCE_FLOOR * frames.var(0, correction=0) + 1e-6
        while True:
            for _ in range(iterations):
                model, log_p = model.baum_welch(features, lengths, transcripts, floor)
                history.append(log_p)
            if model.mixture.weights.shape[-1] >= components:
                return model, history
            model = replace(model, mixture=model.mixture.split())

    def baum_welch(
        self, features: Tensor, lengths: Tensor, transcripts: Sequence[Sequence[int]], floor: Tensor | float = 1e-6,
    ) -> tuple["GMMHMM", float]:
        """One iteration: expectations of every utterance, added up over those that share a state; then the M step.

        Returns:
            The new model, and ln p per frame of the old one.
        """
        states, components = self.mixture.weights.shape
        size = features.shape[-1]
        stays, visits = (torch.zeros(states, dtype=torch.float64) for _ in range(2))
        owned = torch.zeros(states, components, dtype=torch.float64)
        sums, squares = (torch.zeros(states, components, size, dtype=torch.float64) for _ in range(2))
        total = frames = 0.0
        for words, index in by_transcript(transcripts):
            n = lengths[index]
            x = features[index, : int(n.max())].double()
            graph = self.lexicon.string_graph(words)
            used, place = graph.shared.unique(return_inverse=True)         # states of the string, where each stands
            part = GaussianMixture(self.mixture.weights[used], self.mixture.means[used], self.mixture.variances[used])
            joint = part.log_joint(x.flatten(0, 1))                        # (used, all frames, components)
            emit = joint.logsumexp(-1).T.unflatten(0, x.shape[:2])         # (utterances, frames, used)
            start, arcs, end = graph.arcs(self.log_stay)
            found = hidden_markov.expectations(start, arcs, emit[:, :, place], log_end=end, lengths=n)
            possible = found.log_p > -1e30                                 # else too short for its words
            total += float(found.log_p[possible].sum())
            frames += float(n[possible].sum())
            occupied = torch.zeros_like(emit).index_add_(2, place, found.states)
            shares = joint.softmax(-1) * occupied.flatten(0, 1).T[..., None]
            got = part.statistics(x.flatten(0, 1), shares)
            owned[used] += got.owned
            sums[used] += got.sums
            squares[used] += got.squares
            stays.index_add_(0, graph.shared, found.arcs.diagonal(dim1=-2, dim2=-1).sum(0))
            visits.index_add_(0, graph.shared, found.states.sum((0, 1)))
        if not frames:
            raise ValueError("no utterance has as many frames as its words have states")
        stay = torch.where(visits > 1e-6, stays / visits.clamp_min(1e-6), self.log_stay.exp()).clamp(*STAY_RANGE)
        mixture = self.mixture.updated(Statistics(owned, sums, squares), floor)
        return replace(self, mixture=mixture, log_stay=stay.log()), total / frames

    @classmethod
    def _flat_start(
        cls, features: Tensor, lengths: Tensor, transcripts: Sequence[Sequence[int]], lexicon: Lexicon,
    ) -> "GMMHMM":
        """One Gaussian per state from frames shared evenly; silence starts with the first and last frame."""
        size = features.shape[-1]
        owned, sums, squares = torch.zeros(lexicon.states), *(torch.zeros(lexicon.states, size) for _ in range(2))
        owned, sums, squares = owned.double(), sums.double(), squares.double()
        for x, n, words in zip(features.double(), lengths.tolist(), transcripts, strict=True):
            chain = [state for word in words for state in lexicon.states_of(int(word))]
            quiet = [lexicon.states - 1] if lexicon.silence and n > len(chain) + 2 else []
            inner = n - 2 * len(quiet)
            if inner < len(chain):
                continue
            spread = [chain[i * len(chain) // inner] for i in range(inner)]
            states = torch.tensor(quiet + spread + quiet)
            owned.index_add_(0, states, torch.ones(n, dtype=torch.float64))
            sums.index_add_(0, states, x[:n])
            squares.index_add_(0, states, x[:n].square())
        if not owned.sum():
            raise ValueError("no utterance has as many frames as its words have states")
        mean, spread = sums.sum(0) / owned.sum(), squares.sum(0) / owned.sum()
        overall = GaussianMixture(
            torch.ones(lexicon.states, 1, dtype=torch.float64), mean.expand(lexicon.states, 1, -1),
            (spread - mean.square()).clamp_min(1e-6).expand(lexicon.states, 1, -1),
        )
        found = Statistics(owned[:, None], sums[:, None], squares[:, None])
        mixture = overall.updated(found, VARIANCE_FLOOR * overall.variances[0, 0] + 1e-6)
        return cls(lexicon, mixture, torch.full((lexicon.states,), 0.6, dtype=torch.float64).log())

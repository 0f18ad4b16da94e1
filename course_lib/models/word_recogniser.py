"""Words from state likelihoods: score a word, align a known string, find the best string.

All three take `log_emit` (utterances, frames, states), ln p(frame | shared state) up to a constant of the frame, from
wherever it comes: Gaussians (`GMMHMM`) or a network (`DNNHMM`). Derived in unit 11_dtw_hmm.

Paper: H. Ney, "The use of a one-stage dynamic programming algorithm for connected word recognition", IEEE TASSP 32,
1984.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from course_lib.models import hidden_markov
from course_lib.models.lexicon import Lexicon, WordGraph


def word_scores(log_emit: Tensor, lengths: Tensor, log_stay: Tensor, lexicon: Lexicon) -> Tensor:
    """ln p(utterance | word) of each word of the lexicon, all paths added up.

    Args:
        log_emit: (utterances, frames, states).
        lengths: (utterances,) valid frames.
        log_stay: (states,) ln of the probability to stay.

    Returns:
        (utterances, words); -inf where an utterance has fewer frames than the word has states.

    Raises:
        ValueError: not one length for each utterance.
    """
    if lengths.shape != log_emit.shape[:1]:
        raise ValueError(f"{len(log_emit)} utterances need as many lengths, got shape {tuple(lengths.shape)}")
    scores = []
    for word in range(len(lexicon.pronunciations)):
        start, arcs, end = hidden_markov.left_to_right(log_stay[lexicon.states_of(word)])
        emit = log_emit[:, :, lexicon.states_of(word)]
        scores.append(hidden_markov.forward(start, arcs, emit, log_end=end, lengths=lengths).log_p)
    return torch.stack(scores, -1)


def align_words(
    log_emit: Tensor, lengths: Tensor, log_stay: Tensor, lexicon: Lexicon, transcripts: Sequence[Sequence[int]],
) -> Tensor:
    """The most likely shared state of each frame when the words are known: forced alignment.

    Args:
        transcripts: the words of each utterance.

    Returns:
        (utterances, frames) int64, -1 beyond the end and in an utterance too short for its words.

    Raises:
        ValueError: not one transcript for each utterance.
    """
    if len(transcripts) != len(log_emit):
        raise ValueError(f"{len(log_emit)} utterances need as many transcripts, got {len(transcripts)}")
    states = torch.full(log_emit.shape[:2], -1)
    for words, index in by_transcript(transcripts):
        graph = lexicon.string_graph(words)
        start, arcs, end = graph.arcs(log_stay)
        emit = log_emit[index][:, :, graph.shared]
        path, score = hidden_markov.viterbi(start, arcs, emit, log_end=end, lengths=lengths[index])
        found = torch.where(path >= 0, graph.shared[path.clamp_min(0)], path)
        states[index] = torch.where(score.isfinite()[:, None], found, torch.full_like(found, -1))
    return states


def decode_words(
    log_emit: Tensor, lengths: Tensor, log_stay: Tensor, graph: WordGraph,
) -> tuple[list[list[int]], Tensor]:
    """The words along the most likely path through a graph such as `Lexicon.loop_graph(bigram)`.

    Returns:
        One list of words for each utterance, and the (utterances, frames) places of the path.
    """
    start, arcs, end = graph.arcs(log_stay)
    path, score = hidden_markov.viterbi(start, arcs, log_emit[:, :, graph.shared], log_end=end, lengths=lengths)
    words = [
        graph.words_along(places) if finite else []
        for places, finite in zip(path.tolist(), score.isfinite().tolist(), strict=True)
    ]
    return words, path


def by_transcript(transcripts: Sequence[Sequence[int]]) -> list[tuple[tuple[int, ...], Tensor]]:
    """Each different transcript with the indices of its utterances."""
    groups: dict[tuple[int, ...], list[int]] = {}
    for i, words in enumerate(transcripts):
        groups.setdefault(tuple(map(int, words)), []).append(i)
    return [(words, torch.tensor(index)) for words, index in groups.items()]

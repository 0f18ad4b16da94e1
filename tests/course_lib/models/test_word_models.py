"""Words as chains of states: Baum-Welch against all paths, the weights of the graphs, features, bad input."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch

from course_lib.models import (
    DNNHMM,
    GMMHMM,
    GaussianMixture,
    Lexicon,
    align_words,
    decode_words,
    deltas,
    hidden_markov,
    mfcc_with_deltas,
    word_scores,
)
from course_lib.models.dnn_hmm import stack_context
from course_lib.models.gmm_hmm import STAY_RANGE

TWO = Lexicon((("a", "b"), ("b",)), states_per_unit=1, silence=True)
TRANSCRIPTS = [(0,), (1, 0), (1,), (0,)]


def draw(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def small_model():
    states = TWO.states
    mixture = GaussianMixture(
        torch.tensor([[0.3, 0.7]]).double().repeat(states, 1), draw(states, 2, 2, seed=1),
        draw(states, 2, 2, seed=2).exp(),
    )
    return GMMHMM(TWO, mixture, torch.tensor([0.6, 0.3, 0.8]).double().log())


def path_scores(start, arcs, end, emit):
    for path in product(range(len(start)), repeat=len(emit)):
        yield path, float(start[path[0]] + emit[range(len(path)), path].sum() + end[path[-1]]
                          + sum(arcs[a, b] for a, b in pairwise(path)))


def test_baum_welch_is_the_sum_over_all_paths():
    model, x, lengths = small_model(), draw(4, 5, 2), torch.tensor([5, 4, 3, 5])
    found, log_p = model.baum_welch(x, lengths, TRANSCRIPTS)
    owned, stays = np.zeros((3, 2)), np.zeros(3)
    sums, squares, total = np.zeros((3, 2, 2)), np.zeros((3, 2, 2)), 0.0
    for one, n, words in zip(x, lengths.tolist(), TRANSCRIPTS, strict=True):
        graph = TWO.string_graph(words)
        share = model.mixture.responsibilities(one[:n]).numpy()             # (states, frames, components)
        emit = model.mixture.log_prob(one[:n]).T[:, graph.shared]
        scores = dict(path_scores(*graph.arcs(model.log_stay), emit))
        p = np.logaddexp.reduce(list(scores.values()))
        total += p
        for path, score in scores.items():
            for t, place in enumerate(path):
                state = int(graph.shared[place])
                w = np.exp(score - p) * share[state, t][:, None]
                owned[state] += w[:, 0]
                sums[state] += w * one[t].numpy()
                squares[state] += w * one[t].numpy() ** 2
                stays[state] += np.exp(score - p) * (path[t + 1 : t + 2] == (place,))
    means = sums / owned[..., None]
    assert log_p == pytest.approx(total / 17)
    np.testing.assert_allclose(found.mixture.weights, owned / owned.sum(1, keepdims=True))
    np.testing.assert_allclose(found.mixture.means, means)
    np.testing.assert_allclose(found.mixture.variances, squares / owned[..., None] - means**2)
    np.testing.assert_allclose(found.log_stay.exp(), np.clip(stays / owned.sum(1), *STAY_RANGE))


def test_an_utterance_too_short_for_its_words_counts_nowhere():
    model, x = small_model(), draw(2, 5, 2)
    alone, log_p = model.baum_welch(x[:1], torch.tensor([5]), [(0,)])
    both, same = model.baum_welch(x, torch.tensor([5, 1]), [(0,), (0,)])
    assert same == pytest.approx(log_p)
    torch.testing.assert_close(both.mixture.means, alone.mixture.means)
    torch.testing.assert_close(both.log_stay, alone.log_stay)


def test_the_floor_the_range_of_staying_and_the_number_of_gaussians():
    steps = torch.arange(3.0).repeat_interleave(200)[None, :, None].double()     # three states of 200 equal frames
    model, history = GMMHMM.fit(steps, torch.tensor([600]), [(0,)], Lexicon.of_words(1, 3), components=4, iterations=2)
    assert model.mixture.weights.shape == (3, 4)
    assert len(history) == 6
    assert float(model.mixture.variances.min()) >= 1e-3 * float(steps.var(correction=0))
    torch.testing.assert_close(model.log_stay.exp(), torch.full((3,), STAY_RANGE[1]).double())


def test_a_flat_start_shares_the_frames_evenly_with_silence_at_both_ends():
    x = torch.tensor([9.0, 1, 1, 2, 2, 9])[None, :, None]
    start = GMMHMM._flat_start(x, torch.tensor([6]), [(0,)], Lexicon((("a", "b"),), 1, silence=True))
    np.testing.assert_allclose(start.mixture.means.flatten(), [1, 2, 9])


def test_a_chain_ends_by_leaving_its_last_state():
    start, arcs, end = hidden_markov.left_to_right(torch.tensor([0.9, 0.8, 0.7], dtype=torch.float64).log())
    np.testing.assert_allclose(arcs.exp(), [[0.9, 0.1, 0], [0, 0.8, 0.2], [0, 0, 0.7]])
    np.testing.assert_allclose(start.exp(), [1, 0, 0])
    np.testing.assert_allclose(end.exp(), [0, 0, 0.3])
    lengths = {n: hidden_markov.forward(start, arcs, torch.zeros(n, 3).double(), log_end=end).log_p.exp()
               for n in range(1, 200)}
    assert float(sum(lengths.values())) == pytest.approx(1.0)                   # a distribution over durations


@pytest.mark.parametrize("silence", [False, True])
def test_the_loop_weights_an_uneven_bigram_and_pays_for_each_word(silence):
    lexicon = Lexicon.of_words(2, 2, silence=silence)
    stay = torch.full((lexicon.states,), 0.5).double().log()
    table = torch.tensor([[0.1, 0.2, 0.7], [0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]).double().log()
    emit = draw(1, 5, lexicon.states, seed=3)
    weight, bonus = 1.7, -0.4
    graph = lexicon.loop_graph(table, weight=weight, word_bonus=bonus)
    got = float(hidden_markov.forward(*graph.arcs(stay)[:2], emit[:, :, graph.shared],
                                      log_end=graph.arcs(stay)[2]).log_p)
    found = []
    for words in (w for k in range(1, 6) for w in product(range(2), repeat=k)):
        one = lexicon.string_graph(words)
        a, b, c = one.arcs(stay)
        edges = [0, *(w + 1 for w in words), 0]
        found.append(float(hidden_markov.forward(a, b, emit[:, :, one.shared], log_end=c).log_p)
                     + weight * float(table[edges[:-1], edges[1:]].sum()) + bonus * len(words))
    if silence:                                          # the loop may also say nothing: silence, then the end
        found.append(float(emit[0, :, -1].sum()) + 6 * np.log(0.5) + weight * float(table[0, 0]))
    assert got == pytest.approx(np.logaddexp.reduce(found))


def test_silence_may_be_left_out_of_a_string_and_names_and_states_go_together():
    graph = TWO.string_graph([0, 1])
    start, arcs, end = graph.arcs(torch.full((3,), 0.5).double().log())
    assert graph.word.tolist() == [-1, 0, 0, -1, 1, -1]
    np.testing.assert_allclose(start.exp(), [0.5, 0.5, 0, 0, 0, 0])
    np.testing.assert_allclose(arcs[2].exp(), [0, 0, 0.5, 0.25, 0.25, 0])       # to silence, or over it
    np.testing.assert_allclose(end.exp(), [0, 0, 0, 0, 0.25, 0.5])
    assert TWO.state_names() == ["a.1", "b.1", "silence"]
    two = Lexicon.of_phones({"no": ("N", "OW"), "own": ("OW", "N")}, ["no", "own"], 2)
    assert [two.state_names()[s] for s in two.states_of(1)] == ["OW.1", "OW.2", "N.1", "N.2"]


def test_alignment_goes_back_to_its_utterance_in_shared_states():
    lexicon = Lexicon((("a", "b"), ("b", "a")), states_per_unit=1)
    emit = torch.log_softmax(5 * torch.eye(2).double()[torch.tensor([[0, 0, 1], [1, 0, 0], [0, 1, 1], [1, 1, 1]])], -1)
    stay, lengths = torch.full((2,), 0.5).double().log(), torch.tensor([3, 3, 3, 1])
    states = align_words(emit, lengths, stay, lexicon, [(0,), (1,), (0,), (1,)])
    assert states.tolist() == [[0, 0, 1], [1, 0, 0], [0, 1, 1], [-1, -1, -1]]    # the last is too short
    scores = word_scores(emit, lengths, stay, lexicon)
    assert scores[:3].argmax(1).tolist() == [0, 1, 0]
    brute = np.logaddexp.reduce([s for _, s in path_scores(
        *(part for part in hidden_markov.left_to_right(stay)), emit[0])])
    assert float(scores[0, 0]) == pytest.approx(brute)
    said, _ = decode_words(emit[:, :1], torch.ones(4, dtype=torch.long), stay, lexicon.loop_graph(torch.zeros(3, 3)))
    assert said == [[], [], [], []]                                             # one frame for two states


def test_context_stands_in_order_and_repeats_the_edges():
    x = torch.arange(1.0, 5)[None, :, None]
    assert stack_context(x, torch.tensor([3]), 1)[0].tolist() == [[1, 1, 2], [1, 2, 3], [2, 3, 3], [3, 3, 3]]


def test_the_network_divides_by_its_prior_and_keeps_the_stays():
    torch.manual_seed(0)
    net = DNNHMM(2, 2, features=3, context=1, width=8).eval()
    stay = torch.tensor([0.2, 0.4, 0.6, 0.8]).log()
    net.prepare(torch.tensor([0, 0, 1, 2, 3, 3, 3, -1]), stay)
    x, n = torch.randn(1, 6, 3), torch.tensor([6])
    posterior, prior = net(x, n).log_softmax(-1), torch.tensor([2, 1, 1, 3]).div(7).log()
    torch.testing.assert_close(net.log_emit(x, n), (posterior - prior).double())
    torch.testing.assert_close(net.log_emit(x, n, prior_weight=0.0), posterior.double())
    want = word_scores((posterior - 0.5 * prior).double(), n, stay.double(), net.lexicon)
    torch.testing.assert_close(net.word_scores(x, n, prior_weight=0.5), want)


def test_features_are_normalised_cepstra_slopes_and_slopes_of_slopes():
    line = torch.arange(8.0)[:, None] * torch.tensor([1.0, -2.0])
    torch.testing.assert_close(deltas(line)[2:6], torch.tensor([[1.0, -2.0]]).expand(4, 2))
    torch.testing.assert_close(deltas(line)[0], torch.tensor([0.5, -1.0]))       # (1 · 1 + 2 · 2) / 10
    x = mfcc_with_deltas([np.random.default_rng(0).normal(0, 0.1, 8000)])[0][0]
    torch.testing.assert_close(x.mean(0), torch.zeros(39), atol=1e-5, rtol=0)
    torch.testing.assert_close(x.std(0, correction=0), torch.ones(39), atol=1e-4, rtol=0)
    for low, high in ((slice(0, 13), slice(13, 26)), (slice(13, 26), slice(26, 39))):
        slope = deltas(x[:, low])
        torch.testing.assert_close(x[:, high], (slope - slope.mean(0)) / slope.std(0, correction=0), atol=1e-3, rtol=0)


@pytest.mark.parametrize(("call", "words"), [
    (lambda: TWO.string_graph([]), "at least one word"), (lambda: TWO.word_graph(-1), "0 to 1"),
    (lambda: TWO.string_graph([2]), "0 to 1"), (lambda: TWO.loop_graph(torch.zeros(2, 2)), "for 2 words"),
    (lambda: TWO.loop_graph(torch.full((3, 3), -torch.inf), weight=0.0), "NaN"),
    (lambda: align_words(torch.zeros(2, 5, 3), torch.tensor([5, 5]), torch.zeros(3), TWO, [(0,)]), "transcripts"),
    (lambda: GMMHMM.fit(torch.zeros(1, 5, 2), torch.tensor([5]), [(0,)], TWO, components=3), "power of two"),
    (lambda: GMMHMM.fit(torch.zeros(1, 5, 2), torch.tensor([6]), [(0,)], TWO), "at most 5"),
    (lambda: GMMHMM.fit(torch.zeros(2, 5, 2), torch.tensor([5, 5]), [(0,)], TWO), "transcripts"),
    (lambda: GMMHMM.fit(torch.full((1, 5, 2), torch.nan), torch.tensor([5]), [(0,)], TWO), "finite"),
    (lambda: GMMHMM.fit(torch.zeros(1, 5, 2), torch.tensor([1]), [(0,)], TWO), "no utterance"),
    (lambda: hidden_markov.forward(torch.zeros(2), torch.zeros(2, 2), torch.zeros(0, 4, 2),
                                   lengths=torch.zeros(0, dtype=torch.long)), "one sequence"),
    (lambda: word_scores(torch.zeros(2, 5, 3), torch.tensor([5]), torch.zeros(3), TWO), "as many lengths"),
    (lambda: stack_context(torch.zeros(2, 5, 3), torch.tensor([5]), 1), "as many lengths"),
])
def test_errors(call, words):
    with pytest.raises(ValueError, match=words):
        call()

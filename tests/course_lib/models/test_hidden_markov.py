"""Recursions against all paths, mixtures against scikit-learn, word models from end to end."""

from itertools import pairwise, product

import numpy as np
import pytest
import torch
from sklearn.mixture import GaussianMixture as TheirMixture

from course_lib.data.generate.lexicon import DIGITS
from course_lib.models import (
    DNNHMM,
    GMMHMM,
    GaussianMixture,
    Lexicon,
    align_words,
    decode_words,
    hidden_markov,
    log_gaussians,
    mfcc_with_deltas,
    scaled_log_likelihood,
    word_scores,
)


def model(states, frames, seed, zeros=False):
    draw = torch.Generator().manual_seed(seed)
    start, end = (torch.rand(states, generator=draw, dtype=torch.float64).log() for _ in range(2))
    arcs = torch.rand(states, states, generator=draw, dtype=torch.float64)
    emit = torch.randn(frames, states, generator=draw, dtype=torch.float64)
    return start, (arcs.triu() - arcs.triu(2) if zeros else arcs).log(), emit, end


def paths(start, arcs, emit, end):
    return {
        p: float(start[p[0]] + emit[range(len(p)), p].sum() + arcs[list(p[:-1]), list(p[1:])].sum() + end[p[-1]])
        for p in product(range(len(start)), repeat=len(emit))
    }


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize(("states", "frames"), [(1, 1), (2, 1), (1, 4), (3, 5), (2, 7)])
def test_against_all_paths(states, frames, zeros):
    start, arcs, emit, end = model(states, frames, 3, zeros)
    scores = paths(start, arcs, emit, end)
    p = np.logaddexp.reduce(list(scores.values()))
    alpha, log_p = hidden_markov.forward(start, arcs, emit, log_end=end)
    beta = hidden_markov.backward(start, arcs, emit, log_end=end)
    assert float(log_p) == pytest.approx(p)
    torch.testing.assert_close((alpha + beta).logsumexp(-1), torch.full((frames,), p, dtype=torch.float64))
    best = hidden_markov.viterbi(start, arcs, emit, log_end=end)
    assert float(best.score) == pytest.approx(max(scores.values()))
    assert scores[tuple(best.states.tolist())] == pytest.approx(max(scores.values()))
    found = hidden_markov.expectations(start, arcs, emit, log_end=end)
    gamma, xi = np.zeros((frames, states)), np.zeros((states, states))
    for path, score in scores.items():
        gamma[range(frames), path] += np.exp(score - p)
        for a, b in pairwise(path):
            xi[a, b] += np.exp(score - p)
    np.testing.assert_allclose(found.states, gamma, atol=1e-12)
    np.testing.assert_allclose(found.arcs, xi, atol=1e-12)


def test_a_batch_is_its_sequences_and_padding_has_no_influence():
    start, arcs, emit, end = model(3, 8, 5)
    emit = torch.stack([emit, emit.flip(0), emit * 0.5])
    lengths = torch.tensor([8, 5, 1])
    noisy = emit.clone()
    for b, n in enumerate(lengths):
        noisy[b, n:] = torch.nan if b == 1 else 1e4
    noisy = noisy.nan_to_num(-torch.inf)
    together = hidden_markov.expectations(start, arcs, noisy, log_end=end, lengths=lengths)
    path = hidden_markov.viterbi(start, arcs, noisy, log_end=end, lengths=lengths)
    for b, n in enumerate(lengths.tolist()):
        alone = hidden_markov.expectations(start, arcs, emit[b, :n], log_end=end)
        torch.testing.assert_close(together.log_p[b], alone.log_p)
        torch.testing.assert_close(together.states[b, :n], alone.states)
        torch.testing.assert_close(together.arcs[b], alone.arcs)
        assert not together.states[b, n:].any()
        best = hidden_markov.viterbi(start, arcs, emit[b, :n], log_end=end)
        assert path.states[b].tolist() == best.states.tolist() + [-1] * (8 - n)
        torch.testing.assert_close(path.score[b], best.score)


def test_an_impossible_sequence_adds_nothing_and_a_long_one_does_not_underflow():
    start, arcs, end = hidden_markov.left_to_right(torch.full((4,), 0.5).log())
    found = hidden_markov.expectations(start, arcs, torch.zeros(2, 3, 4), log_end=end)   # four states, three frames
    assert not found.states.any()
    assert not found.arcs.any()
    log_p = hidden_markov.forward(start, arcs, torch.full((5000, 4), -20.0), log_end=end).log_p
    assert torch.isfinite(log_p)
    assert log_p < -99_000


def test_hidden_markov_errors():
    with pytest.raises(ValueError, match="states"):
        hidden_markov.forward(torch.zeros(2), torch.zeros(3, 3), torch.zeros(4, 3))
    with pytest.raises(ValueError, match="frame"):
        hidden_markov.forward(torch.zeros(2), torch.zeros(2, 2), torch.zeros(0, 2))
    with pytest.raises(ValueError, match="lengths"):
        hidden_markov.forward(torch.zeros(2), torch.zeros(2, 2), torch.zeros(4, 2), lengths=torch.tensor(5))


def clouds(frames=600, seed=0):
    rng = np.random.default_rng(seed)
    centres = np.array([[0.0, 0.0], [4.0, 1.0], [-3.0, 5.0]])
    return torch.from_numpy(centres[rng.integers(3, size=frames)] + rng.normal(0, [0.7, 1.3], (frames, 2)))


def test_em_is_that_of_scikit_learn():
    x = clouds()
    ours, history = GaussianMixture.fit(x, 3, iterations=200, tolerance=1e-9)
    theirs = TheirMixture(3, covariance_type="diag", means_init=ours.means.numpy(), tol=1e-9, max_iter=300).fit(x)
    assert history[-1] == pytest.approx(theirs.score(x), abs=1e-4)
    np.testing.assert_allclose(ours.means, theirs.means_, atol=1e-2)
    np.testing.assert_allclose(ours.variances, theirs.covariances_, atol=2e-2)
    np.testing.assert_allclose(ours.responsibilities(x), theirs.predict_proba(x), atol=1e-2)
    assert min(np.diff(history)) > -1e-9
    assert float(ours.weights.sum()) == pytest.approx(1.0)


def test_densities_are_those_of_torch_and_a_split_keeps_the_weights():
    x, m, v = torch.randn(5, 3).double(), torch.randn(4, 3).double(), torch.rand(4, 3).double() + 0.2
    want = torch.distributions.Normal(m, v.sqrt()).log_prob(x[:, None]).sum(-1)
    torch.testing.assert_close(log_gaussians(x, m, v), want)
    both = GaussianMixture(torch.tensor([0.25, 0.75]).double(), m[:2], v[:2]).split()
    assert both.means.shape == (4, 3)
    assert float(both.weights.sum()) == pytest.approx(1.0)
    with pytest.raises(ValueError, match="frames"):
        GaussianMixture.fit(x, 6)


def spoken(rng, words, chains, stay=0.6, noise=0.5):
    """Frames from known chains of states: the mean of state s is one-hot s."""
    rows = []
    for word in words:
        for state in chains[word]:
            for _ in range(1 + rng.geometric(1 - stay)):
                rows.append(np.eye(8)[state] * 3 + rng.normal(0, noise, 8))
    return torch.tensor(np.array(rows), dtype=torch.float32)


@pytest.fixture(scope="module")
def toy():
    """Three words that share phones, utterances of one word."""
    lexicon = Lexicon((("a", "b"), ("b", "a"), ("c", "a")), states_per_unit=2, silence=True)
    chains = [lexicon.states_of(w) for w in range(3)]
    rng = np.random.default_rng(0)
    words = [int(w) for w in rng.integers(3, size=60)]
    silence = [spoken(rng, [0], [[6]]) for _ in range(120)]
    sounds = [torch.cat([silence[2 * i], spoken(rng, [w], chains), silence[2 * i + 1]]) for i, w in enumerate(words)]
    x = torch.nn.utils.rnn.pad_sequence(sounds, batch_first=True)
    n = torch.tensor([len(s) for s in sounds])
    fitted, history = GMMHMM.fit(x, n, [(w,) for w in words], lexicon, components=1, iterations=8)
    return lexicon, chains, words, x, n, fitted, history


def test_baum_welch_rises_and_finds_the_states(toy):
    lexicon, _, words, x, n, fitted, history = toy
    assert min(np.diff(history)) > -1e-6
    states = align_words(fitted.log_emit(x), n, fitted.log_stay, lexicon, [(w,) for w in words])
    seen = states >= 0
    assert seen.sum() == n.sum()
    said, _ = decode_words(fitted.log_emit(x), n, fitted.log_stay, lexicon.loop_graph(torch.full((4, 4), 0.25).log()))
    assert np.mean([s == [w] for s, w in zip(said, words, strict=True)]) > 0.9


def test_connected_words_are_found_with_their_number(toy):
    lexicon, chains, _, _, _, fitted, _ = toy
    rng = np.random.default_rng(5)
    strings = [[0, 0, 1], [2], [1, 2, 0, 0]]
    sounds = [spoken(rng, list(words), chains) for words in strings]
    x = torch.nn.utils.rnn.pad_sequence(sounds, batch_first=True)
    n = torch.tensor([len(s) for s in sounds])
    said, _ = decode_words(fitted.log_emit(x), n, fitted.log_stay, lexicon.loop_graph(torch.full((4, 4), 0.25).log()))
    assert said == strings


def test_the_loop_adds_up_the_bigram():
    """The score of the best path through the loop is that of the string it says, plus the bigram of the string."""
    lexicon = Lexicon.of_words(2, 2)
    stay = torch.full((4,), 0.5).double().log()
    table = torch.tensor([[0.1, 0.3, 0.6], [0.2, 0.5, 0.3], [0.4, 0.4, 0.2]]).double().log()
    emit = torch.randn(1, 7, 4, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    n, graph = torch.tensor([7]), lexicon.loop_graph(table)
    (said,), _ = decode_words(emit, n, stay, graph)
    start, arcs, end = graph.arcs(stay)
    best = float(hidden_markov.viterbi(start, arcs, emit[:, :, graph.shared], log_end=end).score)
    scores = {}
    for words in (w for k in (1, 2, 3) for w in product(range(2), repeat=k)):
        one = lexicon.string_graph(words)
        a, b, c = one.arcs(stay)
        edges = [0, *(w + 1 for w in words), 0]
        scores[words] = float(hidden_markov.viterbi(a, b, emit[:, :, one.shared], log_end=c).score) + float(
            table[edges[:-1], edges[1:]].sum())
    assert best == pytest.approx(max(scores.values()))
    assert tuple(said) == max(scores, key=scores.get)


@pytest.mark.parametrize("silence", [False, True])
def test_graphs_are_distributions(silence):
    lexicon = Lexicon.of_phones(DIGITS, ("six", "one"), 2, silence=silence)
    stay = torch.full((lexicon.states,), 0.7).double().log()
    uniform = torch.full((3, 3), 1 / 3).double().log()
    for graph in (lexicon.word_graph(0), lexicon.string_graph([0, 1, 0]), lexicon.loop_graph(uniform)):
        start, arcs, end = graph.arcs(stay)
        out = arcs.exp().sum(1) + end.exp()
        torch.testing.assert_close(out, torch.ones_like(out))
        assert 0.6 < float(start.exp().sum()) < 1 + 1e-6       # the loop cannot start with the end: an empty string


def test_the_network_padding_gradient_and_prior():
    net = DNNHMM(3, 2, features=5, context=2, width=16).eval()
    x, n = torch.randn(2, 9, 5), torch.tensor([9, 4])
    logits = net(x, n)
    assert logits.shape == (2, 9, 6)
    noisy = x.clone()
    noisy[1, 4:] = 99.0
    torch.testing.assert_close(net(noisy, n)[1, :4], logits[1, :4])
    torch.testing.assert_close(net(x[1:, :4], n[1:])[0], logits[1, :4])
    net.train()
    net(x, n).square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in net.parameters())
    net.eval().prepare(torch.tensor([[0, 0, 0, 1, 2, 3, 4, 5, -1]]), torch.full((6,), 0.5).log())
    assert float(net.log_prior.exp().sum()) == pytest.approx(1.0)
    assert net.log_prior[0].exp() == pytest.approx(3 / 8)
    assert net.word_scores(x, n).shape == (2, 3)
    torch.testing.assert_close(scaled_log_likelihood(net.log_prior, net.log_prior), torch.zeros(6))
    assert DNNHMM(**net.config).config == net.config


def test_word_scores_are_those_of_one_word_and_too_short_is_impossible():
    lexicon = Lexicon.of_words(2, 3)
    emit, n = torch.randn(2, 5, 6).double(), torch.tensor([5, 2])
    scores = word_scores(emit, n, torch.full((6,), 0.5).double().log(), lexicon)
    assert scores.shape == (2, 2)
    assert torch.isfinite(scores[0]).all()
    assert torch.isneginf(scores[1]).all()


def test_features_do_not_depend_on_level_or_batch():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 0.1, 4001), rng.normal(0, 0.1, 801)
    x, n = mfcc_with_deltas([a, b])
    assert x.shape[2] == 39
    assert n.tolist() == [51, 11]
    assert x[1, 11:].eq(0).all()
    torch.testing.assert_close(mfcc_with_deltas([b])[0][0], x[1, :11], rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(mfcc_with_deltas([0.1 * a])[0][0], x[0], rtol=1e-3, atol=1e-3)
    assert torch.isfinite(mfcc_with_deltas([np.zeros(100)])[0]).all()
    with pytest.raises(ValueError, match="at least one"):
        mfcc_with_deltas([])

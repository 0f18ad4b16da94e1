"""Decoders against the enumeration of all paths, and the bigram model against its definition."""

from collections import defaultdict
from itertools import groupby, product

import numpy as np
import pytest
import torch

from course_lib.losses import ctc_loss
from course_lib.models import BigramModel, best_path, collapse, prefix_beam_search


def posteriors(frames, classes, seed):
    return np.random.default_rng(seed).dirichlet(np.full(classes, 0.7), frames)


def all_labels(probs, blank=0):
    total = defaultdict(float)
    for path in product(range(probs.shape[1]), repeat=len(probs)):
        label = tuple(k for k, _ in groupby(path) if k != blank)
        total[label] += float(np.prod(probs[np.arange(len(path)), list(path)]))
    return total


def random_bigram(classes, seed, boundary=0):
    return BigramModel(np.log(np.random.default_rng(seed).dirichlet(np.ones(classes), classes)), boundary)


@pytest.mark.parametrize(("path", "label"), [
    ([], []), ([0], []), ([0, 0, 0], []), ([1], [1]), ([1, 1], [1]), ([1, 0, 1], [1, 1]),
    ([0, 1, 1, 0, 0, 1, 2, 2, 0], [1, 1, 2]),
])  # fmt: skip
def test_collapse(path, label):
    assert collapse(path) == label
    assert collapse(np.array(path, int)) == label
    assert collapse([k + 3 for k in path], blank=3) == [k + 3 for k in label]


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("blank", [0, 2])
def test_a_wide_beam_finds_every_label_with_its_exact_probability(seed, blank):
    probs = posteriors(5, 3, seed)
    found = prefix_beam_search(np.log(probs), beam=1000, blank=blank, best=1000)
    want = all_labels(probs, blank)
    got = {tuple(h.label): np.exp(h.score) for h in found}
    assert got.keys() >= want.keys()
    for label, p in got.items():
        assert p == pytest.approx(want.get(label, 0.0), rel=1e-9, abs=1e-15)
    assert sum(got.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("weight", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("blank", [0, 1])
def test_language_model_and_length_bonus_count_once_per_symbol_and_the_end_once(weight, blank):
    probs, lm = posteriors(4, 3, 9), random_bigram(3, 1, blank)
    found = prefix_beam_search(
        np.log(probs), beam=1000, language_model=lm, weight=weight, length_bonus=0.4, blank=blank, best=1000,
    )
    sound = all_labels(probs, blank)
    want = {label: np.log(p) + weight * lm.score(label) + 0.4 * len(label) for label, p in sound.items()}
    for h in found:
        if tuple(h.label) in want:
            assert h.score == pytest.approx(want[tuple(h.label)], rel=1e-9)
    assert tuple(found[0].label) == max(want, key=want.get)
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)


def test_best_path_is_not_always_the_best_label():
    probs = np.array([[0.6, 0.4], [0.6, 0.4]])
    assert best_path(np.log(probs)) == []
    assert prefix_beam_search(np.log(probs), beam=4)[0].label == [1]


@pytest.mark.parametrize("seed", range(3))
def test_long_search_loses_little_and_does_not_underflow(seed):
    rng = np.random.default_rng(seed)
    label = rng.integers(1, 5, 40).tolist()
    path = [k for symbol in label for k in (symbol, symbol, 0, 0)] + [0] * 640
    log_probs = torch.from_numpy(rng.normal(size=(800, 5)) + 7 * np.eye(5)[path]).log_softmax(1)
    best = prefix_beam_search(log_probs, beam=8)[0]
    exact = -ctc_loss(log_probs[None], torch.tensor([best.label])).item()
    assert exact - 1.0 < best.score <= exact + 1e-9


def test_a_posterior_of_exactly_zero_and_a_single_frame():
    with np.errstate(divide="ignore"):
        log_probs = np.log([[0.0, 1.0, 0.0]])
    assert prefix_beam_search(log_probs) [0] == ([1], 0.0)
    assert best_path(log_probs) == [1]


@pytest.mark.parametrize(("log_probs", "more", "words"), [
    (np.zeros((1, 3, 4)), {}, "one utterance"), (np.zeros(4), {}, "one utterance"),
    (np.full((3, 4), np.nan), {}, "NaN"), (np.zeros((3, 4)), {"beam": 0}, "at least one prefix"),
    (np.zeros((3, 4)), {"blank": 4}, "blank 4"), (np.zeros((3, 4)), {"blank": -1}, "blank -1"),
    (np.zeros((3, 4)), {"language_model": random_bigram(5, 0)}, "of 5 classes"),
])
def test_a_search_refuses_what_it_cannot_read(log_probs, more, words):
    with pytest.raises(ValueError, match=words):
        prefix_beam_search(log_probs, **more)


def test_a_narrow_beam_ranks_by_sound_and_language_together():
    """The language model forbids the symbol that sounds better, and the beam has room for one prefix."""
    table = np.log(np.array([[0.1, 0.001, 0.899], [0.9, 0.05, 0.05], [0.9, 0.05, 0.05]]))
    log_probs = np.log(np.array([[0.02, 0.5, 0.48], [0.9, 0.05, 0.05]]))
    assert prefix_beam_search(log_probs, beam=1, language_model=BigramModel(table))[0].label == [2]
    assert len(prefix_beam_search(log_probs, beam=1, best=9)) == 1


def test_bigram_sums_to_one_over_all_strings_and_counts_edges():
    lm = BigramModel.fit([[1, 2], [1, 1, 2], [2]], classes=3, smoothing=1.0)
    assert np.exp(lm.log_probs).sum(1) == pytest.approx(1.0)
    # After the edge: 1 twice, 2 once, and one of each class by smoothing.
    assert np.exp(lm.log_probs[0]) == pytest.approx([1 / 6, 3 / 6, 2 / 6])
    assert lm.score([]) == pytest.approx(np.log(1 / 6))
    # The mass of all strings up to a length: what has not ended is the rest.
    p = np.exp(lm.log_probs)
    ended, alive = p[0, 0], p[0, 1:]
    for _ in range(200):
        ended, alive = ended + alive @ p[1:, 0], alive @ p[1:, 1:]
    short = sum(np.exp(lm.score(s)) for n in range(4) for s in product((1, 2), repeat=n))
    assert ended == pytest.approx(1.0)
    assert short < ended


def test_perplexity_of_a_uniform_model_is_the_number_of_choices():
    lm = BigramModel(np.full((5, 5), -np.log(5)))
    assert lm.perplexity([[1, 2], [3]]) == pytest.approx(5.0)


def test_bigram_refuses_what_it_cannot_count():
    with pytest.raises(ValueError, match="boundary"):
        BigramModel.fit([[1, 0]], classes=3)
    with pytest.raises(ValueError, match="positive"):
        BigramModel.fit([[1]], classes=3, smoothing=0.0)

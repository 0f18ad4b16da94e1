"""n-grams: distributions, the formulas by hand, and the bigram of unit 12."""

from itertools import product

import numpy as np
import pytest

from course_lib.checks.dtw_hmm.oracle import witten_bell
from course_lib.models import BigramModel, NGramModel
from course_lib.models.ngram import METHODS

TEXT = [[1, 2, 3], [1, 2], [3, 1, 2, 1], [], [2, 2]]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("order", [1, 2, 3, 5])
def test_every_history_has_a_distribution_without_zeros(method, order):
    model = NGramModel.fit(TEXT, 5, order=order, method=method)
    for history in [h for n in range(4) for h in product((1, 2, 3, 4), repeat=n)]:
        p = np.exp(model.after(history))
        assert p.sum() == pytest.approx(1.0)
        assert (p > 0).all()


def test_witten_bell_by_hand_and_kneser_ney_by_hand():
    assert np.exp(NGramModel.fit(TEXT, 5, order=2).table()) == pytest.approx(witten_bell(TEXT, 5))
    model = NGramModel.fit([[1, 2], [3, 2], [1, 1]], 4, order=2, method="kneser-ney")
    # 0→1 twice, 0→3, 1→2, 1→1, 1→0, 3→2, 2→0 twice: five pairs once, two twice.
    d = 5 / (5 + 2 * 2)
    # Kinds of symbols before 0, 1, 2, 3: {1, 2}, {0, 1}, {1, 3}, {0}; one count of one, three of two.
    kinds, d1 = np.array([2, 2, 2, 1]), 1 / (1 + 2 * 3)
    below = (kinds - d1 + d1 * 4 / 4) / 7
    want = (np.array([1, 1, 1, 0]) - d * np.array([1, 1, 1, 0]) + d * 3 * below) / 3
    assert np.exp(model.after([1])) == pytest.approx(want)


def test_score_perplexity_and_the_bigram():
    model = NGramModel.fit(TEXT, 5, order=2, method="add", k=0.3)
    bigram = BigramModel.fit(TEXT, 5, smoothing=0.3)
    assert np.allclose(bigram.log_probs, model.table())
    assert model.score([1, 2]) == pytest.approx(bigram.score([1, 2]))
    assert model.perplexity(TEXT) == pytest.approx(bigram.perplexity(TEXT))
    assert np.allclose(bigram.after([]), model.after([]))
    assert np.allclose(bigram.after([3, 1]), model.after([3, 1]))
    assert model.score([]) == pytest.approx(model.after([])[0])


def test_a_longer_history_helps_where_there_is_one():
    text = [[1, 1, 2, 2] * 5] * 20
    low, high = (NGramModel.fit(text, 3, order=n).perplexity(text) for n in (2, 3))
    assert high < 1.2 < low


def test_the_boundary_may_be_any_class():
    a = NGramModel.fit(TEXT, 5, order=3)
    b = NGramModel.fit([[k - 1 for k in s] for s in TEXT], 5, order=3, boundary=4)
    assert a.score([1, 2]) == pytest.approx(b.score([0, 1]))


@pytest.mark.parametrize(("text", "options", "words"), [
    ([[0]], {}, "boundary"), ([[7]], {}, "symbols"), ([], {}, "no string"), (TEXT, {"method": "good"}, "method"),
    (TEXT, {"order": 0}, "order"), (TEXT, {"method": "add", "k": 0.0}, "positive"),
])
def test_errors(text, options, words):
    with pytest.raises(ValueError, match=words):
        NGramModel.fit(text, 5, **options)
    with pytest.raises(ValueError, match="table"):
        NGramModel.fit(TEXT, 5, order=3).table()

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


def followers(text, history):
    """Counts of what follows a history, and how many kinds of symbols stand before history and outcome."""
    plain, before = np.zeros(5), [set() for _ in range(5)]
    for string in text:
        padded, n = (0, *string, 0), len(history)
        for i in range(max(n, 1), len(padded)):
            if padded[i - n : i] == history:
                plain[padded[i]] += 1
                if i > n:
                    before[padded[i]].add(padded[i - n - 1])
    return plain, np.array([len(kinds) for kinds in before], float)


@pytest.mark.parametrize("string", [[], [1], [1, 2], [4, 1], [2, 4], [3, 1, 2]])
def test_trigrams_fall_back_by_leaving_out_the_oldest_symbol(string):
    """Both recursions over a trigram, written out from the counts of the text."""
    history = (0, *string)[-2:]
    shorter = [history[i:] for i in range(len(history), -1, -1)]               # from () to the whole history
    want = np.full(5, 0.2)
    for h in shorter:
        c, _ = followers(TEXT, h)
        want = (c + np.count_nonzero(c) * want) / (c.sum() + np.count_nonzero(c)) if c.any() else want
    assert np.exp(NGramModel.fit(TEXT, 5, order=3).after(string)) == pytest.approx(want)

    def counts(h):                                       # plain at the highest order and behind the start
        return followers(TEXT, h)[0 if len(h) == 2 or h[:1] == (0,) else 1]

    want, every = np.full(5, 0.2), {h for s in TEXT for n in range(3) for i in range(len(s) + 2)
                                    if len(h := (0, *s)[max(i - n, 0) : i]) == n}
    for h in shorter:
        values = np.concatenate([counts(k) for k in every if len(k) == len(h)])
        once, twice = (values == 1).sum(), (values == 2).sum()
        d, c = once / (once + 2 * twice) if once and twice else 0.5, counts(h)
        want = (np.maximum(c - d, 0) + d * np.count_nonzero(c) * want) / c.sum() if c.any() else want
    assert np.exp(NGramModel.fit(TEXT, 5, order=3, method="kneser-ney").after(string)) == pytest.approx(want)


def test_a_history_is_cut_and_what_is_returned_cannot_be_changed():
    model = NGramModel.fit(TEXT, 5, order=2, method="add", k=0.5)
    c = followers(TEXT, (1,))[0]
    assert np.exp(model.after([3, 2, 1])) == pytest.approx((c + 0.5) / (c.sum() + 2.5))
    with pytest.raises(ValueError, match="read-only"):
        model.after([1])[0] = 0


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
    (TEXT, {"method": "add", "k": np.nan}, "positive"), (TEXT, {"boundary": 5}, "boundary"),
])
def test_errors(text, options, words):
    with pytest.raises(ValueError, match=words):
        NGramModel.fit(text, 5, **options)
    with pytest.raises(ValueError, match="table"):
        NGramModel.fit(TEXT, 5, order=3).table()


@pytest.mark.parametrize("string", [[0], [-1], [5], [1, 0, 2]])
def test_what_is_no_string_has_no_score(string):
    model = NGramModel.fit(TEXT, 5)
    with pytest.raises(ValueError, match="symbols are"):
        model.score(string)
    with pytest.raises(ValueError, match="no string"):
        model.perplexity([])

"""The spelled bigram is the word bigram; the beam finds the best text of the lexicon, by enumeration."""

import itertools
import math

import numpy as np
import pytest
import torch

from course_lib.data.letters import LETTER_CLASSES, to_letters
from course_lib.models import SpelledBigram, spelled_beam_search, word_spelling
from course_lib.models.word_spelling import END

LEXICON = ["a", "ab", "ba", "aa"]
TEXTS = [["a", "ab"], ["ba", "a", "a"], ["ab", "aa"]]


def letters_score(model, text):
    """ln p of a text, letter by letter."""
    total, before, beginning = 0.0, "", ""
    for letter in [*text, END]:
        total += model.next_letter(before, beginning).get(letter, -math.inf)
        before, beginning = (beginning, "") if letter == " " else (before, beginning + letter)
    return total


def words_score(model, text):
    index = [model.words.index(w) + 1 for w in text.split()]
    p = np.exp(model.bigram.log_probs)
    p[0, 0] = 0                                                   # there is at least one word
    p[0] /= p[0].sum()
    return math.log(np.prod([p[a, b] for a, b in zip([0, *index], [*index, 0], strict=True)]))


@pytest.mark.parametrize("text", ["a", "ab", "a ab", "ba a a", "ab ba a ab"])
def test_letters_multiply_up_to_words(text):
    model = SpelledBigram(LEXICON, TEXTS)
    assert letters_score(model, text) == pytest.approx(words_score(model, text), abs=1e-9)


def test_probabilities_sum_to_one_and_other_texts_are_impossible():
    model = SpelledBigram(LEXICON, TEXTS)
    for before, beginning in (("", ""), ("a", ""), ("ab", "a"), ("", "b")):
        assert sum(map(math.exp, model.next_letter(before, beginning).values())) == pytest.approx(1)
    assert letters_score(model, "bb") == -math.inf
    with pytest.raises(ValueError, match="once"):
        SpelledBigram(["a", "a"])


def test_a_wide_beam_finds_the_best_text_and_its_score():
    model, rng = SpelledBigram(LEXICON, TEXTS), np.random.default_rng(0)
    texts = [" ".join(words) for n in (1, 2, 3) for words in itertools.product(LEXICON, repeat=n)]
    for weight in (0.0, 0.7, 2.0):
        logits = np.full((6, LETTER_CLASSES), -30.0)
        logits[:, [0, *to_letters("ab ")]] = rng.normal(0, 2, (6, 4))
        log_y = torch.from_numpy(logits).log_softmax(1)
        scores = {}
        for text in texts:
            label = torch.tensor([to_letters(text)])
            loss = torch.nn.functional.ctc_loss(log_y[:, None], label, [6], [label.shape[1]], reduction="sum").item()
            if math.isfinite(loss):
                scores[text] = -loss + weight * letters_score(model, text)
        best = max(scores, key=scores.get)
        found = spelled_beam_search(log_y.numpy(), model, beam=500, weight=weight, floor=-math.inf)[0]
        assert found.label == best
        assert found.score == pytest.approx(scores[best], abs=1e-6)
        several = spelled_beam_search(log_y.numpy(), model, beam=500, weight=weight, floor=-math.inf, best=12)
        assert len(several) == 12
        for h in several:
            if h.label:
                assert h.score == pytest.approx(scores[h.label], abs=1e-6)
        assert [h.score for h in several] == sorted((h.score for h in several), reverse=True)


def test_what_is_no_lexicon_or_no_posterior_is_told():
    for wrong in ("", "two words", "Upper", "a-b"):
        with pytest.raises(ValueError, match="not a word of the letters"):
            SpelledBigram(["a", wrong])
    with pytest.raises(ValueError, match="'ba' stands in a text"):
        SpelledBigram(["a"], [["a", "ba"]])
    model = SpelledBigram(LEXICON)
    with pytest.raises(ValueError, match="'c' is not in the lexicon"):
        model.next_letter("c", "")
    for log_y, more, words in (
        (np.zeros((4, LETTER_CLASSES - 1)), {}, "29 letters"), (np.zeros((2, 4, LETTER_CLASSES)), {}, "one utterance"),
        (np.full((4, LETTER_CLASSES), np.nan), {}, "NaN"), (np.zeros((4, LETTER_CLASSES)), {"beam": 0}, "one prefix"),
    ):
        with pytest.raises(ValueError, match=words):
            spelled_beam_search(log_y, model, **more)


def test_the_bonus_counts_once_for_each_word_and_the_floor_keeps_letters_out():
    rng, model = np.random.default_rng(1), SpelledBigram(LEXICON, TEXTS)
    log_y = np.full((6, LETTER_CLASSES), -30.0)
    log_y[:, [0, *to_letters("ab ")]] = np.log(rng.dirichlet(np.ones(4), 6))
    wide = {"beam": 500, "best": 500, "floor": -math.inf}
    plain, paid = ({h.label: h.score for h in spelled_beam_search(log_y, model, word_bonus=bonus, **wide)}
                   for bonus in (0.0, 0.7))
    assert {len(text.split()) for text in plain} >= {0, 1, 2}
    for text, score in plain.items():
        assert paid[text] == pytest.approx(score + 0.7 * len(text.split()))
    only_a = spelled_beam_search(log_y, model, beam=500, best=500, floor=log_y[:, to_letters("b")].max())
    assert {h.label for h in only_a} <= {"", "a", "aa", "a a", "a aa", "aa a", "a a a"}


def test_a_narrow_beam_ranks_by_sound_and_language_together():
    """One prefix is kept; “b” sounds a little better, but texts hardly ever begin with it."""
    model = SpelledBigram(["a", "b"], [["a"]] * 100, smoothing=0.01)
    log_y = np.full((2, LETTER_CLASSES), -30.0)
    log_y[0, [0, *to_letters("ab")]] = np.log([0.01, 0.45, 0.54])
    log_y[1, 0] = -0.01
    assert spelled_beam_search(log_y, model, beam=1)[0].label == "a"
    assert spelled_beam_search(log_y, model, beam=1, weight=0.0)[0].label == "b"


def test_a_near_miss_becomes_a_word_and_nothing_stays_nothing():
    model = SpelledBigram(["six", "seven"])
    log_y = np.full((7, LETTER_CLASSES), -12.0)
    for t, k in enumerate([0, *to_letters("sevn"), 0, 0]):
        log_y[t, k] = -0.05
    log_y[3, to_letters("e")] = -3
    log_y[5, to_letters("e")] = -4
    log_y[6, to_letters("n")] = -4
    assert spelled_beam_search(log_y, model, floor=-20.0)[0].label == "seven"
    silent = np.full((5, LETTER_CLASSES), -12.0)
    silent[:, 0] = -0.01
    assert spelled_beam_search(silent, model)[0].label == ""


def test_a_beam_that_lost_every_text_starts_again_wider():
    model = SpelledBigram(["ab", "cd"])
    logits = np.full((2, LETTER_CLASSES), -30.0)
    a, b, c, d = to_letters("abcd")
    logits[0, [a, c]] = 0.0, -0.1                                 # “a” leads, and has nowhere to go
    logits[1, [b, d]] = -30.0, 0.0
    log_y = torch.from_numpy(logits).log_softmax(1).numpy()
    assert spelled_beam_search(log_y, model, beam=1)[0].label == "cd"
    assert word_spelling._search(log_y.tolist(), model, beam=1, weight=1.0, word_bonus=0.0, floor=-9.0) == []

"""A word bigram that is asked letter by letter: a closed lexicon as a tree, and beam search for CTC over it.

With probability p(w | v) of word w after word v, the next letter after v and a beginning of a word has the probability
of all words that go on with this letter, over that of all words with this beginning. A space (or the end) closes a word
that is complete. These probabilities multiply up to those of the word bigram, so a text outside of the lexicon has
probability zero. Derived in unit 13_deep_speech.

Paper: A. Hannun et al., "First-pass large vocabulary continuous speech recognition using bi-directional recurrent
DNNs", 2014.
"""

import itertools
import math
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float

from course_lib.data.letters import ALPHABET, BLANK, LETTER_CLASSES
from course_lib.models.bigram import BigramModel
from course_lib.models.ctc_decoding import Hypothesis, checked_posteriors, log_add

LETTERS = frozenset(ALPHABET) - {ALPHABET[BLANK], " "}
"""What a word is made of."""

END = "$"
"""Stands for the end of the text where a letter is asked for."""

WIDEST = 128
"""Beam at which a search that finds no complete text gives up."""


class SpelledBigram:
    """A bigram over words, as a model of letters.

    Args:
        words: the lexicon, all different, written with the letters and the apostrophe of `ALPHABET`.
        texts: sequences of these words, to count pairs in; none makes all words equally likely.
        smoothing: added to every count.

    Raises:
        ValueError: no words, a word twice, one that cannot be written, or a text with a word outside of the lexicon.
    """

    def __init__(self, words: Sequence[str], texts: Iterable[Sequence[str]] = (), *, smoothing: float = 0.1):
        if len(set(words)) != len(words) or not words:
            raise ValueError("a lexicon needs words, each once")
        for word in words:
            if not word or not set(word) <= LETTERS:
                raise ValueError(f"{word!r} is not a word of the letters {''.join(sorted(LETTERS))!r}")
        index = {word: i + 1 for i, word in enumerate(words)}
        self.words = tuple(words)
        texts = [list(text) for text in texts]
        for word in itertools.chain.from_iterable(texts):
            if word not in index:
                raise ValueError(f"{word!r} stands in a text (a sequence of words), but not in the lexicon")
        counted = [[index[word] for word in text] for text in texts]
        classes = len(words) + 1
        self.bigram = (
            BigramModel.fit(counted, classes, smoothing=smoothing) if counted
            else BigramModel(np.full((classes, classes), -math.log(classes)))
        )
        self._index = index
        self._known: dict[tuple[int, str], dict[str, float]] = {}

    def next_letter(self, before: str, beginning: str) -> dict[str, float]:
        """ln p of every possible next letter, space or `END`, after the word `before` ("" at the start).

        Raises:
            ValueError: `before` is no word of the lexicon.

        >>> model = SpelledBigram(["six", "seven"])
        >>> {k: round(math.exp(v), 2) for k, v in model.next_letter("", "s").items()}
        {'i': 0.5, 'e': 0.5}
        """
        if before and before not in self._index:
            raise ValueError(f"{before!r} is not in the lexicon")
        row = self._index.get(before, 0)
        if (row, beginning) not in self._known:
            self._known[row, beginning] = self._next(row, beginning)
        return self._known[row, beginning]

    def _next(self, row: int, beginning: str) -> dict[str, float]:
        p = np.exp(self.bigram.log_probs[row])                          # p[0], no further word, is asked for below
        mass: dict[str, float] = {}
        for word in self.words:
            if word == beginning:
                stop = math.exp(self.bigram.log_probs[self._index[word], 0])
                mass[" "] = mass.get(" ", 0.0) + p[self._index[word]] * (1 - stop)
                mass[END] = mass.get(END, 0.0) + p[self._index[word]] * stop
            elif word.startswith(beginning):
                letter = word[len(beginning)]
                mass[letter] = mass.get(letter, 0.0) + p[self._index[word]]
        total = sum(mass.values())
        return {letter: math.log(m / total) for letter, m in mass.items()}


def spelled_beam_search(
    log_probs: Float[np.ndarray, "frames classes"], model: SpelledBigram, *, beam: int = 16, weight: float = 1.0,
    word_bonus: float = 0.0, floor: float = -9.0, best: int = 1,
) -> list[Hypothesis]:
    """Prefix beam search over the texts of a lexicon; the labels of the hypotheses are texts.

    Args:
        log_probs: log posteriors of one utterance over `ALPHABET`.
        model: the words and how they follow each other.
        beam: prefixes kept after each frame.
        weight: exponent of the bigram.
        word_bonus: nats for each word.
        floor: letters with a log posterior of at most this are not tried in a frame.
        best: how many texts to return.

    Returns:
        The best complete texts, the best first. When a beam has lost all of them, the search starts again with one
        twice as wide; the list is empty if `WIDEST` is not wide enough either. The empty text is one of them: nothing
        but its acoustic score counts, as the bigram has no say where there is no word.

    Raises:
        ValueError: `log_probs` is not (frames, 29) or holds NaN, or the beam holds nothing.
    """
    posteriors = checked_posteriors(log_probs, beam)
    if posteriors.shape[1] != LETTER_CLASSES:
        raise ValueError(f"log_probs should be over {LETTER_CLASSES} letters, got {posteriors.shape[1]} classes")
    frames = posteriors.tolist()
    while True:
        final = _search(frames, model, beam=beam, weight=weight, word_bonus=word_bonus, floor=floor)
        if final or beam >= WIDEST:
            return final[:best]
        beam *= 2


def _search(
    frames: list[list[float]], model: SpelledBigram, *, beam: int, weight: float, word_bonus: float, floor: float,
) -> list[Hypothesis]:
    """The complete texts that a beam of one width keeps, the best first."""
    beams: dict[str, tuple[float, float, float]] = {"": (0.0, -math.inf, 0.0)}
    for frame in frames:
        tried = {ALPHABET[k]: y for k, y in enumerate(frame) if k != BLANK and y > floor}
        later: dict[str, list[float]] = {}
        for text, (ends_blank, ends_letter, bonus) in beams.items():
            total = log_add(ends_blank, ends_letter)
            _into(later, text, 0, total + frame[BLANK], bonus)
            if text and text[-1] in tried:
                _into(later, text, 1, ends_letter + tried[text[-1]], bonus)
            for letter, log_p in _following(model, text).items():
                if letter in tried:
                    said = ends_blank if text[-1:] == letter else total
                    gain = weight * log_p + (word_bonus if letter == " " else 0.0)
                    _into(later, text + letter, 1, said + tried[letter], bonus + gain)
        ranked = sorted(later.items(), key=lambda item: -log_add(item[1][0], item[1][1]) - item[1][2])
        beams = {text: tuple(values) for text, values in ranked[:beam]}
    final = []
    for text, (ends_blank, ends_letter, bonus) in beams.items():
        end = _following(model, text).get(END, -math.inf if text else 0.0)
        if end > -math.inf:
            last = word_bonus if text else 0.0                          # the other words got theirs with their spaces
            final.append(Hypothesis(text, log_add(ends_blank, ends_letter) + bonus + weight * end + last))
    return sorted(final, key=lambda hypothesis: -hypothesis.score)


def _following(model: SpelledBigram, text: str) -> dict[str, float]:
    *earlier, beginning = text.split(" ")
    return model.next_letter(earlier[-1] if earlier else "", beginning)


def _into(later: dict[str, list[float]], text: str, slot: int, log_p: float, bonus: float) -> None:
    entry = later.setdefault(text, [-math.inf, -math.inf, bonus])
    entry[slot] = log_add(entry[slot], log_p)

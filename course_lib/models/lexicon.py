"""From words to hidden states: pronunciations, and the graph of states that a word, a string or a loop of words is.

A *unit* is a phone, or a whole word. Each unit has `states_per_unit` states in a row; a word is a chain of units. Words
that share a phone share its states, and with them its distributions: then a word may be recognised that was never
recorded. `WordGraph` names the shared state of every place, so that statistics of all words are added up.

Derived in unit 11_dtw_hmm. Papers: K.-F. Lee, "Automatic speech recognition: the development of the SPHINX system",
1989; M. Mohri, F. Pereira, M. Riley, "Weighted finite-state transducers in speech recognition", 2002.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class WordGraph:
    """Places and the weights of the ways between them; the probability to stay is a property of the shared state.

    `shared` (places,) int64 is the shared state of each place, `word` (places,) the index of its word (-1: silence),
    `entry` (places,) whether a word begins there. `log_start` (places,), `log_next` (places, places) and `log_end`
    (places,) hold ln of the weights of starting, and of what follows when a place is left.
    """

    shared: Tensor
    word: Tensor
    entry: Tensor
    log_start: Tensor
    log_next: Tensor
    log_end: Tensor

    def arcs(self, log_stay: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """`log_start`, `log_arcs`, `log_end` for the recursions of `hidden_markov`, from ln p(stay) of each state."""
        stay = log_stay[self.shared]
        leave = torch.log1p(-stay.exp())
        arcs = leave[:, None] + self.log_next.to(stay)
        arcs.diagonal().copy_(stay)
        return self.log_start.to(stay), arcs, leave + self.log_end.to(stay)

    def words_along(self, states: Sequence[int]) -> list[int]:
        """The words that a path of places says: one each time it enters the first place of a word."""
        said, before = [], -1
        for place in map(int, states):
            if place >= 0 and place != before and self.entry[place]:
                said.append(int(self.word[place]))
            before = place
        return said


@dataclass(frozen=True)
class Lexicon:
    """`pronunciations`: for each word the units it is made of; a state is numbered unit by unit.

    With `silence` one more unit, of one state, may stand between words.
    """

    pronunciations: tuple[tuple[str, ...], ...]
    states_per_unit: int = 3
    silence: bool = False

    @classmethod
    def of_words(cls, words: int, states_per_word: int = 8, *, silence: bool = False) -> "Lexicon":
        """Whole words: each is a unit of its own."""
        return cls(tuple((f"word {i}",) for i in range(words)), states_per_word, silence)

    @classmethod
    def of_phones(
        cls, pronunciations: Mapping[str, Sequence[str]], words: Sequence[str], states_per_phone: int = 3, *,
        silence: bool = False,
    ) -> "Lexicon":
        """Words of phones, such as `data.generate.PRONUNCIATIONS` and `data.WORDS`."""
        return cls(tuple(tuple(pronunciations[word]) for word in words), states_per_phone, silence)

    @property
    def units(self) -> list[str]:
        """Each unit once, in order of first use."""
        return list(dict.fromkeys(unit for units in self.pronunciations for unit in units))

    @property
    def states(self) -> int:
        """Number of shared states; the last one is silence, if there is silence."""
        return len(self.units) * self.states_per_unit + self.silence

    def state_names(self) -> list[str]:
        """A name for each shared state, such as "IY.2"."""
        names = [f"{unit}.{i + 1}" for unit in self.units for i in range(self.states_per_unit)]
        return names + ["silence"] * self.silence

    def states_of(self, word: int) -> list[int]:
        """Shared states of a word, in order.

        >>> Lexicon((("N", "AY", "N"),), states_per_unit=2).states_of(0)
        [0, 1, 2, 3, 0, 1]
        """
        place, n = {unit: i for i, unit in enumerate(self.units)}, self.states_per_unit
        return [n * place[unit] + i for unit in self.pronunciations[word] for i in range(n)]

    def word_graph(self, word: int) -> WordGraph:
        """One word, from its first state to its last."""
        return self.string_graph([word], silence=False)

    def string_graph(self, words: Sequence[int], *, silence: bool | None = None) -> WordGraph:
        """A known string of words, in their order; silence may stand before, between and behind them.

        Raises:
            ValueError: no word, or one that is not in the lexicon.
        """
        known = len(self.pronunciations)
        if not len(words) or not all(0 <= word < known for word in words):
            raise ValueError(f"a string holds at least one word, each from 0 to {known - 1}, got {list(words)}")
        silence = self.silence if silence is None else silence
        blocks = [-1] if silence else []
        for word in words:
            blocks += [word, -1] if silence else [word]
        shared, word_of, entry, first, last = self._places(blocks)
        places = len(shared)
        start, end = torch.full((places,), -torch.inf), torch.full((places,), -torch.inf)
        onward = self._inside(first, last, places)
        # From each block to the next one, or over a silence to the one behind it, with equal weights.
        for b in range(-1, len(blocks)):
            ways = [b + 1] if b + 1 < len(blocks) else [None]
            if ways != [None] and blocks[b + 1] == -1:
                ways.append(b + 2 if b + 2 < len(blocks) else None)
            for way in ways:
                weight = -torch.tensor(float(len(ways))).log()
                if b == -1:
                    start[first[way]] = weight
                elif way is None:
                    end[last[b]] = weight
                else:
                    onward[last[b], first[way]] = weight
        return WordGraph(shared, word_of, entry, start, onward, end)

    def loop_graph(self, log_bigram: Tensor, *, weight: float = 1.0, word_bonus: float = 0.0) -> WordGraph:
        """Any string of words, weighted by a bigram: what a recogniser of connected words searches.

        A word of a single state cannot follow itself without a silence: the way back into it is the way to stay.

        Args:
            log_bigram: (words + 1, words + 1): ln p(b follows a), the word w at index w + 1, index 0 the edge.
            weight: exponent of the bigram.
            word_bonus: nats added at the start of each word: negative values make fewer words.

        Raises:
            ValueError: the bigram has another shape, or NaN after weighting (a weight of 0 times ln 0).
        """
        words = len(self.pronunciations)
        table = weight * log_bigram.double()
        if table.shape != (words + 1, words + 1) or table.isnan().any():
            raise ValueError(
                f"log_bigram for {words} words is ({words + 1}, {words + 1}) without NaN, got {tuple(table.shape)}, "
                f"{int(table.isnan().sum())} of them NaN times the weight {weight}"
            )
        table[:, 1:] += word_bonus
        # A silence remembers the word before it, so each word has its own; the first one stands before all words.
        blocks = list(range(words)) + ([-1] * (words + 1) if self.silence else [])
        shared, word_of, entry, first, last = self._places(blocks)
        places = len(shared)
        onward = self._inside(first, last, places).double()
        start, end = (torch.full((places,), -torch.inf, dtype=torch.float64) for _ in range(2))
        half = -torch.tensor(2.0).log() if self.silence else torch.tensor(0.0)
        enter = torch.tensor(first[:words])
        for w in range(-1, words):
            row = table[w + 1]
            exits = [(last[w], half)] if w >= 0 else []
            if self.silence:
                quiet = first[words + (w if w >= 0 else words)]
                exits.append((quiet, torch.tensor(0.0)))
                if w >= 0:
                    onward[last[w], quiet] = half
                else:
                    start[quiet] = half
            if w < 0:
                start[enter] = row[1:] + half
            for place, extra in exits:
                onward[place, enter] = row[1:] + extra
                end[place] = row[0] + extra
        return WordGraph(shared, word_of, entry, start, onward, end)

    def _places(self, blocks: Sequence[int]) -> tuple[Tensor, Tensor, Tensor, list[int], list[int]]:
        """Shared state, word and entry flag of each place, and the first and last place of each block (-1: silence)."""
        shared, word_of, entry, first, last = [], [], [], [], []
        for block in blocks:
            states = [self.states - 1] if block == -1 else self.states_of(block)
            first.append(len(shared))
            shared += states
            word_of += [block] * len(states)
            entry += [block != -1] + [False] * (len(states) - 1)
            last.append(len(shared) - 1)
        return torch.tensor(shared), torch.tensor(word_of), torch.tensor(entry), first, last

    def _inside(self, first: list[int], last: list[int], places: int) -> Tensor:
        """Each state goes on to the next one of its block with weight one."""
        onward = torch.full((places, places), -torch.inf)
        for a, b in zip(first, last, strict=True):
            index = torch.arange(a, b)
            onward[index, index + 1] = 0.0
        return onward

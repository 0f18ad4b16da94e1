"""Which symbol was heard for which: the cheapest alignment of two strings, and the confusions of a set.

Conventions as in `edit_distance`: of all cheapest alignments one with the most substitutions. Derived in unit
13_deep_speech.

Paper: R. Wagner, M. Fischer, "The string-to-string correction problem", JACM 1974.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence

Pair = tuple[Hashable | None, Hashable | None]


def edit_alignment(reference: Sequence[Hashable], hypothesis: Sequence[Hashable]) -> list[Pair]:
    """Pairs (reference symbol, hypothesis symbol); None stands where the other string has nothing.

    Among equally good alignments a substitution or a fit is taken as late as possible.

    >>> edit_alignment("abc", "axcd")
    [('a', 'a'), ('b', 'x'), ('c', 'c'), (None, 'd')]
    """
    table = [[(j, 0) for j in range(len(hypothesis) + 1)]]         # (errors, -substitutions)
    for i, symbol in enumerate(reference, start=1):
        row = [(i, 0)]
        for j, heard in enumerate(hypothesis, start=1):
            row.append(min(_step(table[-1][j - 1], symbol, heard), _gap(table[-1][j]), _gap(row[-1])))
        table.append(row)
    i, j, pairs = len(reference), len(hypothesis), []
    while i or j:
        if i and j and table[i][j] == _step(table[i - 1][j - 1], reference[i - 1], hypothesis[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((reference[i], hypothesis[j]))
        elif i and table[i][j] == _gap(table[i - 1][j]):
            i -= 1
            pairs.append((reference[i], None))
        else:
            j -= 1
            pairs.append((None, hypothesis[j]))
    return pairs[::-1]


def confusions(references: Iterable[Sequence[Hashable]], hypotheses: Iterable[Sequence[Hashable]]) -> Counter[Pair]:
    """How often each pair of an alignment came, right ones included, over a set of strings.

    >>> confusions(["ab"], ["aa"])[("b", "a")]
    1
    """
    return Counter(
        pair for r, h in zip(references, hypotheses, strict=True) for pair in edit_alignment(r, h)
    )


def _step(cell: tuple[int, int], symbol: Hashable, heard: Hashable) -> tuple[int, int]:
    wrong = symbol != heard
    return cell[0] + wrong, cell[1] - wrong


def _gap(cell: tuple[int, int]) -> tuple[int, int]:
    return cell[0] + 1, cell[1]

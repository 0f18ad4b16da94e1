"""Edit distance with counts, an alignment, and the error rate of a set."""

import math

from numpy.random import Generator

from course_lib.checks.core import CheckFailed, describe, expect, expect_equal, passed, subject, visible_rng

KEYS = ("substitutions", "deletions", "insertions", "rate", "alignments")
FIXED = (
    # reference, hypothesis, longer one and alignment have 9, 7, 10 and 11 symbols: each denominator gives itself away
    ([["a", "b", "c", "d", "e"], ["a", "b", "c", "d"]], [["b", "c", "d", "e", "f", "f"], ["a"]]),
    ([["the", "cat", "sat"]], [["the", "hat", "sat", "down"]]),
    ([["one", "two", "three"]], [["one", "three"]]),
    ([["one"]], [["two", "one", "three", "two"]]),
    ([[], ["a"]], [["b"], []]),
    ([["a", "b"]], [["b", "a"]]),
    ([["a", "b", "a"]], [["b", "c", "a", "b"]]),                    # a diagonal step first, and the tie is lost
    ([["six", "six", "six"], ["nine"]], [["six"], ["five", "nine", "nine"]]),
)


def edit_report(answer, *, rng: Generator | None = None, cases: int = 25) -> None:
    """Counts by kind, alignments that explain them, and the rate over a set. (exercise 13.1)"""
    f, rng = subject(answer), visible_rng(rng)
    sets = [*FIXED, *(_random_set(rng) for _ in range(cases))]
    for references, hypotheses in sets:
        _expect_report(f, references, hypotheses)
    long = [[str(symbol) for symbol in rng.integers(0, 5, 120)] for _ in range(2)]
    _expect_report(f, long[:1], long[1:])
    passed("edit_report", f"{len(sets)} sets of sentences and one pair of 120 symbols: counts, alignments, rates")


def _random_set(rng: Generator) -> tuple[list, list]:
    """Two to four pairs of unequal length; the hypotheses are damaged copies, so that most symbols fit."""
    words = ["one", "two", "six", "nine"]
    references, hypotheses = [], []
    for n in range(int(rng.integers(2, 5))):
        said = [words[i] for i in rng.integers(4, size=int(rng.integers(1 + (n == 0), 8)))]
        heard = [w if rng.random() < 0.7 else words[rng.integers(4)] for w in said if rng.random() < 0.8]
        for _ in range(int(rng.integers(3))):
            heard.insert(int(rng.integers(len(heard) + 1)), words[rng.integers(4)])
        references.append(said)
        hypotheses.append(heard)
    return references, hypotheses


def _expect_report(f, references: list, hypotheses: list) -> None:
    got = f.call(references, hypotheses)
    if not isinstance(got, dict) or not set(KEYS) <= set(got):
        raise CheckFailed(f"the report should be a dictionary with the keys {', '.join(KEYS)}.")
    pairs = list(zip(references, hypotheses, strict=True))
    each = [_counts(r, h) for r, h in pairs]
    total = [sum(c[i] for c in each) for i in range(3)]
    context = f"for the references {_short(references)} and the hypotheses {_short(hypotheses)}"
    _expect_counts([got[k] for k in KEYS[:3]], total, pairs, context)
    _expect_rate(got["rate"], total, each, references, hypotheses, context)
    alignments = got["alignments"]
    expect(
        isinstance(alignments, (list, tuple)) and len(alignments) == len(pairs),
        f"`alignments` should hold one list for each of the {len(pairs)} pairs {context}.",
    )
    for alignment, (reference, hypothesis), counts in zip(alignments, pairs, each, strict=True):
        _expect_alignment(alignment, reference, hypothesis, counts)


def _expect_counts(got: list, total: list[int], pairs: list, context: str) -> None:
    s, d, n = total
    no_sub = [_counts(r, h, substitution=2, most=False) for r, h in pairs]
    few = [sum(_counts(r, h, most=False)[i] for r, h in pairs) for i in range(3)]
    expect_equal(got, total, "the list of substitutions, deletions, insertions", context=context, mistakes={
        "insertions and deletions are swapped: a deletion is a symbol of the reference that was not heard.": [s, n, d],
        "of all cheapest alignments the one with the most substitutions counts.": few,
        "a substitution costs one, as a deletion does; yours costs two, a deletion and an insertion.":
            [sum(c[i] for c in no_sub) for i in range(3)],
        "the kinds are counted place by place; a missing word shifts all that follow. Align first.":
            [sum(c[i] for c in map(_by_place, pairs)) for i in range(3)],
        "the number of errors is right, their kinds are not: of all cheapest alignments the one with the most "
        "substitutions counts. The table must settle ties, or the way back cannot.": _another_tie(got, total),
        "no alignment has so few errors. Does the way back go on along the edge, to the corner? Is each sentence "
        "aligned for itself?": got if _numbers(got) and sum(got) < sum(total) else None,
    })  # fmt: skip


def _another_tie(got: list, total: list[int]) -> list | None:
    """What was counted, if it is the count of some other alignment that is as cheap."""
    s, d, n = total
    return got if _numbers(got) and sum(got) == s + d + n and got[1] - got[2] == d - n else None


def _numbers(got: list) -> bool:
    return all(isinstance(count, (int, float)) for count in got)


def _expect_rate(rate, total, each, references, hypotheses, context: str) -> None:
    errors, said, heard = sum(total), sum(map(len, references)), sum(map(len, hypotheses))
    wanted = errors / said
    try:
        close = abs(float(rate) - wanted) < 1e-6
    except (TypeError, ValueError, OverflowError):
        raise CheckFailed(f"the rate should be one number {context}, got {describe(rate)}.") from None
    if close:
        return
    expect(math.isfinite(float(rate)), f"the rate should be a number {context}, got {float(rate)}.")
    mean = sum(sum(c) / max(len(r), 1) for c, r in zip(each, references, strict=True)) / len(each)
    with_words = [sum(c) / len(r) for c, r in zip(each, references, strict=True) if r]
    known = sum(with_words) / max(len(with_words), 1)
    faults = {
        "it is divided by the length of the hypotheses; the reference says how much there was to hear.":
            errors / max(heard, 1),
        "it is a mean of the rates of the sentences: add all errors, then divide by all reference symbols.": mean,
        "it is a mean of the rates of the sentences that have words: add all errors, then divide.": known,
        "it is in percent; the card asks for a share.": 100 * wanted,
        "it is divided by the longer of the two; the reference says how much there was to hear.":
            errors / max(sum(max(len(r), len(h)) for r, h in zip(references, hypotheses, strict=True)), 1),
        "it is divided by the length of the alignments; the reference says how much there was to hear.":
            errors / max(said + total[2], 1),
        "it is at most one in yours: insertions can make more errors than there are symbols.": min(wanted, 1.0),
        "it is the number of errors; divide by the number of reference symbols.": errors,
    }  # fmt: skip
    for sentence, value in faults.items():
        expect(abs(float(rate) - value) > 1e-6, f"the rate is wrong {context}: {sentence}")
    raise CheckFailed(f"the rate is wrong {context}: expected {wanted:.6g}, got {float(rate):.6g}.")


def _expect_alignment(alignment, reference: list, hypothesis: list, counts: tuple) -> None:
    context = f"of {_short(reference)} and {_short(hypothesis)}"
    expect(
        isinstance(alignment, (list, tuple)) and all(isinstance(p, (list, tuple)) and len(p) == 2 for p in alignment),
        f"an alignment {context} should be a list of pairs (reference symbol or None, hypothesis symbol or None).",
    )
    expect(
        not any(symbol == "" for pair in alignment for symbol in pair if isinstance(symbol, str)),
        f"an alignment {context} holds an empty string: where one side has no symbol, the pair has None.",
    )
    left = [a for a, _ in alignment if a is not None]
    right = [b for _, b in alignment if b is not None]
    if left == hypothesis and right == reference and reference != hypothesis:
        raise CheckFailed(f"the pairs of the alignment {context} are turned round: the reference comes first.")
    if left == reference[::-1] and right == hypothesis[::-1] and (left, right) != (reference, hypothesis):
        raise CheckFailed(f"the alignment {context} runs backwards: the backtrace starts at the end, so reverse it.")
    expect(left == list(reference), f"the first symbols of the alignment {context} are {_short(left)}: each reference "
           "symbol belongs there once, in order. Does the backtrace go on to the corner, along both edges?")
    expect(right == list(hypothesis), f"the second symbols of the alignment {context} are {_short(right)}: each "
           "hypothesis symbol belongs there once, in order. Does the backtrace go on to the corner, along both edges?")
    told = (sum(a is not None and b is not None and a != b for a, b in alignment),
            sum(b is None for _, b in alignment), sum(a is None for a, _ in alignment))
    expect(told == tuple(counts), f"the alignment {context} holds {told[0]} substitutions, {told[1]} deletions and "
           f"{told[2]} insertions; the cheapest one with the most substitutions holds {counts[0]}, {counts[1]} and "
           f"{counts[2]}. The backtrace must take the choice that the table took.")


def _counts(reference: list, hypothesis: list, *, substitution: int = 1, most: bool = True) -> tuple[int, int, int]:
    """(substitutions, deletions, insertions) by a table of (cost, ± substitutions)."""
    sign = -1 if most else 1
    rows, columns = len(reference) + 1, len(hypothesis) + 1
    table = [[(0, 0)] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            ways = []
            if i:
                cost, subs = table[i - 1][j]
                ways.append((cost + 1, subs))
            if j:
                cost, subs = table[i][j - 1]
                ways.append((cost + 1, subs))
            if i and j:
                cost, subs = table[i - 1][j - 1]
                wrong = reference[i - 1] != hypothesis[j - 1]
                ways.append((cost + substitution * wrong, subs + sign * wrong))
            table[i][j] = min(ways, default=(0, 0))
    cost, subs = table[-1][-1]
    subs = abs(subs)
    gaps = cost - substitution * subs                       # deletions + insertions
    more = len(reference) - len(hypothesis)                 # deletions - insertions
    return subs, (gaps + more) // 2, (gaps - more) // 2


def _by_place(pair: tuple) -> tuple[int, int, int]:
    reference, hypothesis = pair
    wrong = sum(a != b for a, b in zip(reference, hypothesis, strict=False))
    return wrong, max(len(reference) - len(hypothesis), 0), max(len(hypothesis) - len(reference), 0)


def _short(value: list) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:76] + " ..."

"""Recursion with a memory; arrays of text come back as numpy strings."""
from functools import lru_cache


def edit_report(references, hypotheses):
    def best(reference, hypothesis):
        @lru_cache(None)
        def walk(i, j):
            if i == len(reference) and j == len(hypothesis):
                return (0, 0), ()
            ways = []
            if i < len(reference) and j < len(hypothesis):
                (cost, subs), rest = walk(i + 1, j + 1)
                wrong = reference[i] != hypothesis[j]
                ways.append(((cost + wrong, subs - wrong), ((reference[i], hypothesis[j]), rest)))
            if j < len(hypothesis):
                (cost, subs), rest = walk(i, j + 1)
                ways.append(((cost + 1, subs), ((None, hypothesis[j]), rest)))
            if i < len(reference):
                (cost, subs), rest = walk(i + 1, j)
                ways.append(((cost + 1, subs), ((reference[i], None), rest)))
            return min(ways, key=lambda way: way[0])

        linked, pairs = walk(0, 0)[1], []
        while linked:
            pair, linked = linked
            pairs.append(pair)
        return pairs

    alignments = [best(tuple(r), tuple(h)) for r, h in zip(references, hypotheses)]
    kinds = [
        "fit" if a == b else "insertion" if a is None else "deletion" if b is None else "substitution"
        for pairs in alignments for a, b in pairs
    ]
    errors = len(kinds) - kinds.count("fit")
    return {
        "substitutions": kinds.count("substitution"), "deletions": kinds.count("deletion"),
        "insertions": kinds.count("insertion"), "alignments": alignments,
        "rate": np.float32(errors / sum(len(r) for r in references)),
    }

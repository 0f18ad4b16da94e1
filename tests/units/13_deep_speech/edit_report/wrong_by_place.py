"""Symbols are compared place by place.

Expect: place by place
"""
def edit_report(references, hypotheses):
    s = d = n = 0
    alignments = []
    for r, h in zip(references, hypotheses):
        wide = max(len(r), len(h))
        pairs = list(zip([*r, *[None] * (wide - len(r))], [*h, *[None] * (wide - len(h))]))
        alignments.append(pairs)
        s += sum(a is not None and b is not None and a != b for a, b in pairs)
        d += sum(b is None for _, b in pairs)
        n += sum(a is None for a, _ in pairs)
    return {"substitutions": s, "deletions": d, "insertions": n, "rate": (s + d + n) / sum(map(len, references)),
            "alignments": alignments}

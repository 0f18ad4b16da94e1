"""Costs of 1000 for a gap and 999 for a substitution prefer substitutions among equals; all in one numpy table."""
def edit_report(references, hypotheses):
    alignments = []
    for r, h in zip(references, hypotheses):
        D = np.zeros((len(r) + 1, len(h) + 1), int)
        D[:, 0], D[0, :] = 100000 * np.arange(len(r) + 1), 100000 * np.arange(len(h) + 1)
        for i in range(1, len(r) + 1):
            for j in range(1, len(h) + 1):
                D[i, j] = min(D[i - 1, j - 1] + 99999 * (r[i - 1] != h[j - 1]), D[i - 1, j] + 100000,
                              D[i, j - 1] + 100000)
        i, j, pairs = len(r), len(h), []
        while i > 0 or j > 0:
            if i > 0 and j > 0 and D[i, j] == D[i - 1, j - 1] + 99999 * (r[i - 1] != h[j - 1]):
                i, j = i - 1, j - 1
                pairs.insert(0, (r[i], h[j]))
            elif i > 0 and D[i, j] == D[i - 1, j] + 100000:
                i -= 1
                pairs.insert(0, (r[i], None))
            else:
                j -= 1
                pairs.insert(0, (None, h[j]))
        alignments.append(pairs)
    flat = [pair for pairs in alignments for pair in pairs]
    s = sum(a != b for a, b in flat if a is not None and b is not None)
    d, n = sum(b is None for _, b in flat), sum(a is None for a, _ in flat)
    return {"substitutions": s, "deletions": d, "insertions": n, "rate": (s + d + n) / len([a for a, _ in flat if
            a is not None]), "alignments": alignments}

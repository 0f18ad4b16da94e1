"""Plain Levenshtein: the table knows no ties, the way back prefers the diagonal.

Expect: the most substitutions counts
"""
def edit_report(references, hypotheses):
    s = d = n = 0
    alignments = []
    for r, h in zip(references, hypotheses, strict=True):
        table = np.add.outer(np.arange(len(r) + 1), np.arange(len(h) + 1))
        for i in range(1, len(r) + 1):
            for j in range(1, len(h) + 1):
                table[i, j] = min(table[i - 1, j - 1] + (r[i - 1] != h[j - 1]), table[i - 1, j] + 1, table[i, j - 1] + 1)
        i, j, pairs = len(r), len(h), []
        while i or j:
            if i and j and table[i, j] == table[i - 1, j - 1] + (r[i - 1] != h[j - 1]):
                i, j = i - 1, j - 1
                pairs.append((r[i], h[j]))
                s += r[i] != h[j]
            elif i and table[i, j] == table[i - 1, j] + 1:
                i, d = i - 1, d + 1
                pairs.append((r[i], None))
            else:
                j, n = j - 1, n + 1
                pairs.append((None, h[j]))
        alignments.append(pairs[::-1])
    rate = (s + d + n) / sum(map(len, references))
    return {"substitutions": s, "deletions": d, "insertions": n, "rate": rate, "alignments": alignments}

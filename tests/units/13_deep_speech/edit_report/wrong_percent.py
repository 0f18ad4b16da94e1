"""The rate is in percent.

Expect: in percent
"""
def edit_report(references, hypotheses):
    s = d = n = 0
    alignments = []
    for reference, hypothesis in zip(references, hypotheses, strict=True):
        table = [[(0, 0)] * (len(hypothesis) + 1) for _ in range(len(reference) + 1)]
        back = {}
        for i in range(len(reference) + 1):
            for j in range(len(hypothesis) + 1):
                ways = []
                if i and j:
                    cost, subs = table[i - 1][j - 1]
                    wrong = int(reference[i - 1] != hypothesis[j - 1])
                    ways.append(((cost + wrong, subs - wrong), (i - 1, j - 1)))
                if i:
                    cost, subs = table[i - 1][j]
                    ways.append(((cost + 1, subs), (i - 1, j)))
                if j:
                    cost, subs = table[i][j - 1]
                    ways.append(((cost + 1, subs), (i, j - 1)))
                if ways:
                    table[i][j], back[i, j] = min(ways)
        i, j, pairs = len(reference), len(hypothesis), []
        while i or j:
            pi, pj = back[i, j]
            pairs.append((reference[pi] if pi < i else None, hypothesis[pj] if pj < j else None))
            i, j = pi, pj
        pairs.reverse()
        alignments.append(pairs)
        s += sum(a is not None and b is not None and a != b for a, b in pairs)
        d += sum(b is None for _, b in pairs)
        n += sum(a is None for a, _ in pairs)
    rate = 100 * (s + d + n) / sum(map(len, references))
    return {"substitutions": s, "deletions": d, "insertions": n, "rate": rate, "alignments": alignments}

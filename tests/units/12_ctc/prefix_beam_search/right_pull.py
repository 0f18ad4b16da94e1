"""Each prefix pulls its probability from where it comes; torch tensors as results.
"""
def prefix_beam_search(log_probs, lm, beam=16, weight=1.0, blank=0):
    low = float("-inf")
    kept = {(): (0.0, low)}

    def said(prefix):
        return weight * sum(float(lm[a, b]) for a, b in zip((blank,) + prefix, prefix))

    for y in np.asarray(log_probs, dtype=float):
        wanted = set(kept) | {p + (k,) for p in kept for k in range(len(y)) if k != blank}
        later = {}
        for p in wanted:
            b, s = kept.get(p, (low, low))
            ends_symbol = low
            if p:
                parent_b, parent_s = kept.get(p[:-1], (low, low))
                if p[-2:-1] == p[-1:]:
                    parent_s = low
                ends_symbol = np.logaddexp(s, np.logaddexp(parent_b, parent_s)) + y[p[-1]]
            later[p] = (np.logaddexp(b, s) + y[blank], ends_symbol)
        best = sorted(wanted, key=lambda p: np.logaddexp(*later[p]) + said(p), reverse=True)
        kept = {p: later[p] for p in best[:beam]}
    score = {p: np.logaddexp(*v) + said(p) + weight * float(lm[p[-1] if p else blank, blank]) for p, v in kept.items()}
    winner = max(score, key=score.get)
    return torch.tensor(winner, dtype=torch.long), torch.tensor(score[winner])

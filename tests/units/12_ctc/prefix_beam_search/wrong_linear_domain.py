"""Probabilities are multiplied: 400 frames underflow.

Expect: underflow
"""
from collections import defaultdict


def prefix_beam_search(log_probs, lm, beam=16, weight=1.0, blank=0):
    beams = {(): (1.0, 0.0)}

    def said(p):
        return np.exp(weight * sum(lm[a, b] for a, b in zip((blank, *p), p)))

    for frame in np.exp(log_probs):
        later = defaultdict(lambda: [0.0, 0.0])
        for prefix, (pb, ps) in beams.items():
            later[prefix][0] += (pb + ps) * frame[blank]
            for k in range(len(frame)):
                if k != blank:
                    if prefix[-1:] == (k,):
                        later[prefix][1] += ps * frame[k]
                    later[prefix + (k,)][1] += (pb if prefix[-1:] == (k,) else pb + ps) * frame[k]
        beams = {p: later[p] for p in sorted(later, key=lambda p: -sum(later[p]) * said(p))[:beam]}
    with np.errstate(divide="ignore"):
        scores = {
            p: np.log(sum(v)) + np.log(said(p)) + weight * lm[(blank, *p)[-1], blank] for p, v in beams.items()
        }
    best = max(scores, key=scores.get)
    return list(best), scores[best]

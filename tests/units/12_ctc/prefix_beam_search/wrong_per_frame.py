"""The language model is applied in every frame that holds a symbol.

Expect: scores new symbols only
"""
from collections import defaultdict


def prefix_beam_search(log_probs, lm, beam=16, weight=1.0, blank=0):
    beams = {(): (0.0, -np.inf)}
    for frame in log_probs:
        later = defaultdict(lambda: [-np.inf, -np.inf])
        for prefix, (pb, ps) in beams.items():
            total, last = np.logaddexp(pb, ps), (blank, *prefix)[-1]
            for k in range(len(frame)):
                scored = frame[k] + weight * lm[last, k]
                if k == blank:
                    later[prefix][0] = np.logaddexp(later[prefix][0], total + frame[k])
                elif k == last:
                    later[prefix][1] = np.logaddexp(later[prefix][1], ps + scored)
                    later[prefix + (k,)][1] = np.logaddexp(later[prefix + (k,)][1], pb + scored)
                else:
                    later[prefix + (k,)][1] = np.logaddexp(later[prefix + (k,)][1], total + scored)
        beams = {p: later[p] for p in sorted(later, key=lambda p: -np.logaddexp(*later[p]))[:beam]}
    scores = {p: np.logaddexp(*v) + weight * lm[(blank, *p)[-1], blank] for p, v in beams.items()}
    best = max(scores, key=scores.get)
    return list(best), scores[best]

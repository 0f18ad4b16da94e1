"""The winner is chosen from all prefixes of the last frame.

Expect: prune after the last frame too
"""
from collections import defaultdict


def prefix_beam_search(log_probs, lm, beam=16, weight=1.0, blank=0):
    beams = {(): (0.0, -np.inf, 0.0)}
    for t, frame in enumerate(log_probs):
        later = defaultdict(lambda: [-np.inf, -np.inf, 0.0])
        for prefix, (pb, ps, said) in beams.items():
            total = np.logaddexp(pb, ps)
            entry = later[prefix]
            entry[0] = np.logaddexp(entry[0], total + frame[blank])
            entry[2] = said
            for k in range(len(frame)):
                if k == blank:
                    continue
                last = prefix[-1] if prefix else blank
                if k == last:
                    entry[1] = np.logaddexp(entry[1], ps + frame[k])
                longer = later[prefix + (k,)]
                longer[1] = np.logaddexp(longer[1], (pb if k == last else total) + frame[k])
                longer[2] = said + weight * lm[last, k]
        order = sorted(later, key=lambda p: -(np.logaddexp(later[p][0], later[p][1]) + later[p][2]))
        beams = {p: tuple(later[p]) for p in order[: beam if t + 1 < len(log_probs) else None]}
    def final(p):
        return np.logaddexp(beams[p][0], beams[p][1]) + beams[p][2] + weight * lm[p[-1] if p else blank, blank]
    best = max(beams, key=final)
    return list(best), float(final(best))

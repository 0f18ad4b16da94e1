"""Recursion over the frames, path by path.
"""
def label_probability(probs, label, blank=0):
    def walk(t, path, p):
        if t == len(probs):
            return p if models.collapse(path, blank) == list(label) else 0.0
        return sum(walk(t + 1, [*path, k], p * probs[t, k]) for k in range(probs.shape[1]))

    return walk(0, [], 1.0)

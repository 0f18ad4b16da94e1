"""The decoder of course_lib.
"""
def prefix_beam_search(log_probs, lm, beam=16, weight=1.0, blank=0):
    model = models.BigramModel(lm, boundary=blank)
    best = models.prefix_beam_search(log_probs, beam=beam, language_model=model, weight=weight, blank=blank)[0]
    return np.array(best.label), np.float64(best.score)

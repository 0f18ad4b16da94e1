"""One maximum for all frames.

Expect: not finite
"""
def scaled_log_likelihoods(logits, counts):
    e = np.exp(logits - logits.max())
    with np.errstate(all="ignore"):
        posterior = np.log(e / e.sum(1, keepdims=True))
    return posterior - np.log(counts / counts.sum())

"""The sign is turned: the push instead of the gradient.

Expect: every sign is flipped
"""
def logit_gradient(log_probs, alpha, beta, label, blank=0):
    states = [blank] + [k for symbol in label for k in (symbol, blank)]
    log_p = np.logaddexp.reduce(alpha[-1, -2:])
    y = np.exp(log_probs)
    occupancy = np.zeros_like(y)
    for s, k in enumerate(states):
        occupancy[:, k] += np.exp(alpha[:, s] + beta[:, s] - log_probs[:, k] - log_p)
    return occupancy - y

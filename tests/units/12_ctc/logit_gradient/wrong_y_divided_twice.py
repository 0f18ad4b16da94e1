"""The formula of dp/dy, with 1/y^2, at the logits.

Expect: divided by y_t twice
"""
def logit_gradient(log_probs, alpha, beta, label, blank=0):
    states = [blank] + [k for symbol in label for k in (symbol, blank)]
    log_p = np.logaddexp.reduce(alpha[-1, -2:])
    y = np.exp(log_probs)
    occupancy = np.zeros_like(y)
    for s, k in enumerate(states):
        occupancy[:, k] += np.exp(alpha[:, s] + beta[:, s] - 2 * log_probs[:, k] - log_p)
    return y - occupancy

"""Assignment by index counts a class once.

Expect: add their shares
"""
def logit_gradient(log_probs, alpha, beta, label, blank=0):
    states = np.array([blank] + [k for symbol in label for k in (symbol, blank)])
    log_p = np.logaddexp.reduce(alpha[-1, -2:])
    occupancy = np.zeros_like(log_probs)
    occupancy[:, states] += np.exp(alpha + beta - log_probs[:, states] - log_p)
    return np.exp(log_probs) - occupancy

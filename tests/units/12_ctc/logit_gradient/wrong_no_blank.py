"""The states of the blank are left out.

Expect: states of the blank are missing
"""
def logit_gradient(log_probs, alpha, beta, label, blank=0):
    states = [blank] + [k for symbol in label for k in (symbol, blank)]
    log_p = np.logaddexp.reduce(alpha[-1, -2:])
    y = np.exp(log_probs)
    occupancy = np.zeros_like(y)
    for s, k in list(enumerate(states))[1::2]:
        occupancy[:, k] += np.exp(alpha[:, s] + beta[:, s] - log_probs[:, k] - log_p)
    return y - occupancy

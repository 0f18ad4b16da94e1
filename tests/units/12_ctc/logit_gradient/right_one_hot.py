"""A matrix product with the one-hot states; p from each frame.
"""
def logit_gradient(log_probs, alpha, beta, label, blank=0):
    states = [blank] + [k for symbol in label for k in (symbol, blank)]
    member = np.eye(log_probs.shape[1])[states]
    both = alpha + beta - log_probs[:, states]
    share = np.exp(both - np.logaddexp.reduce(both, axis=1, keepdims=True))
    return np.exp(log_probs) - share @ member

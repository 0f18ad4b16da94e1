"""Probabilities are multiplied, and the logarithm is taken at the end.

Expect: underflow
"""
def forward_backward(log_probs, label, blank=0):
    states = [blank] + [k for symbol in label for k in (symbol, blank)]
    y = np.exp(log_probs.astype(float))

    def forward(y, states):
        alpha = np.zeros((len(y), len(states)))
        alpha[0, :2] = y[0, states[:2]]
        for t in range(1, len(y)):
            for s in range(len(states)):
                total = alpha[t - 1, max(s - 1, 0) : s + 1].sum()
                if s > 1 and states[s] != states[s - 2]:
                    total += alpha[t - 1, s - 2]
                alpha[t, s] = total * y[t, states[s]]
        return alpha

    alpha = forward(y, states)
    beta = forward(y[::-1], states[::-1])[::-1, ::-1]
    with np.errstate(divide="ignore"):
        return np.log(alpha), np.log(beta), np.log(alpha[-1, -2:].sum())

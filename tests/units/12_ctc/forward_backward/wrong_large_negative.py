"""Log of zero written as -1e30, float64.

Expect: large negative number is not ln 0
"""
def forward_backward(log_probs, label, blank=0):
    states = [blank] + [k for symbol in label for k in (symbol, blank)]

    def forward(log_y, states):
        alpha = np.full((len(log_y), len(states)), -1e30)
        alpha[0, :2] = log_y[0, states[:2]]
        for t in range(1, len(log_y)):
            for s in range(len(states)):
                total = alpha[t - 1, s]
                if s > 0:
                    total = np.logaddexp(total, alpha[t - 1, s - 1])
                if s > 1 and states[s] != blank and states[s] != states[s - 2]:
                    total = np.logaddexp(total, alpha[t - 1, s - 2])
                alpha[t, s] = max(total + log_y[t, states[s]], -1e30)
        return alpha

    alpha = forward(log_probs, states)
    beta = forward(log_probs[::-1], states[::-1])[::-1, ::-1]
    return alpha, beta, np.logaddexp.reduce(alpha[-1, -2:])

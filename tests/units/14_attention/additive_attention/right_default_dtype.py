"""Weights of the default type, filled query by query.
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    a = torch.zeros(g.shape[0], g.shape[1], h.shape[1])
    for i in range(len(g)):
        for n in range(g.shape[1]):
            if mask[i].any():
                a[i, n, mask[i]] = (torch.tanh(w_g @ g[i, n] + h[i, mask[i]] @ w_h.T) @ v).softmax(0)
    return a @ h, a

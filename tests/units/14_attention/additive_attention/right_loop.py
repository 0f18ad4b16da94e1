"""Query by query; the context as a sum.
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    weights = torch.zeros(len(g), g.shape[1], h.shape[1], dtype=g.dtype)
    context = torch.zeros(len(g), g.shape[1], h.shape[2], dtype=g.dtype)
    for b in range(len(g)):
        keys = h[b][mask[b]]
        if len(keys) == 0:
            continue
        for n in range(g.shape[1]):
            found = torch.softmax(torch.tanh(w_g @ g[b, n] + keys @ w_h.T) @ v, dim=0)
            weights[b, n, mask[b]] = found
            context[b, n] = (found[:, None] * keys).sum(0)
    return context, weights

"""Rows of zeros of the default type, filled phrase by phrase.
"""
def bilinear_attention(g, h, w, mask):
    out = torch.zeros(g.shape[0], g.shape[1], h.shape[1])
    for i in range(len(g)):
        if mask[i].any():
            out[i][:, mask[i]] = (g[i] @ w @ h[i, mask[i]].T).softmax(-1)
    return out

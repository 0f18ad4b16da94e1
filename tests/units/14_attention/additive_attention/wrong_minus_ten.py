"""-10 for minus infinity, and the mask on what comes out.

Expect: padding has a score of -10
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    s = torch.tanh((g @ w_g.T)[:, :, None] + (h @ w_h.T)[:, None]) @ v
    a = s.masked_fill(~mask[:, None], -10.0).softmax(-1) * mask[:, None]
    return a @ h, a

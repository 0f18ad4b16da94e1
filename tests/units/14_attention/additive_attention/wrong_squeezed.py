"""All axes of one are dropped.

Expect: shape
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    s = (torch.tanh((g @ w_g.T)[:, :, None] + (h @ w_h.T)[:, None]) @ v[:, None]).squeeze()
    a = s.masked_fill(~mask[:, None], -torch.inf).softmax(-1).nan_to_num(0)
    return a @ h, a

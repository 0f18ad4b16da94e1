"""Minus infinity is added: NaN gradients beside a phrase of padding.

Expect: NaN in a batch with a phrase without any key
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    s = torch.tanh((g @ w_g.T)[:, :, None] + (h @ w_h.T)[:, None]) @ v
    s = s + torch.zeros_like(h[:, :, 0]).masked_fill(~mask, -torch.inf)[:, None]
    a = s.softmax(-1).nan_to_num(0)
    return a @ h, a

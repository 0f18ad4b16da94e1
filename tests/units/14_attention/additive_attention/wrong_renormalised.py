"""Masked after the softmax, then divided by the sum: underflows.

Expect: the mask comes after the softmax
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    s = torch.tanh((g @ w_g.T)[:, :, None] + (h @ w_h.T)[:, None]) @ v
    a = s.softmax(-1) * mask[:, None]
    a = a / a.sum(-1, keepdim=True).clamp_min(1e-30)
    return a @ h, a

"""The mask comes after the softmax.

Expect: the mask was applied after the softmax
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    scores = torch.tanh((g @ w_g.T)[:, :, None] + (h @ w_h.T)[:, None]) @ v
    weights = torch.softmax(scores, dim=-1) * mask[:, None]
    return weights @ h, weights

"""The mask is taken for a number of keys, with all padding behind them.

Expect: it may stand in front
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    scores = torch.tanh((g @ w_g.T)[:, :, None] + (h @ w_h.T)[:, None]) @ v
    there = torch.arange(h.shape[1]) < mask.sum(1, keepdim=True)
    scores = scores.masked_fill(~there[:, None], float("-inf"))
    weights = torch.nan_to_num(torch.softmax(scores, dim=-1))
    return weights @ h, weights

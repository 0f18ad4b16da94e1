"""No tanh: the query has no say.

Expect: the tanh is missing
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    scores = ((g @ w_g.T)[:, :, None] + (h @ w_h.T)[:, None]) @ v
    scores = scores.masked_fill(~mask[:, None], float("-inf"))
    weights = torch.nan_to_num(torch.softmax(scores, dim=-1))
    return weights @ h, weights

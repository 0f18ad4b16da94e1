"""Both matrices transposed.

Expect: W_g and W_h are transposed
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    scores = torch.tanh((g @ w_g)[:, :, None] + (h @ w_h)[:, None]) @ v
    scores = scores.masked_fill(~mask[:, None], float("-inf"))
    weights = torch.nan_to_num(torch.softmax(scores, dim=-1))
    return weights @ h, weights

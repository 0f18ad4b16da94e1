"""The mask is taken for a number of keys, with all padding behind them.

Expect: it may stand in front
"""
def bilinear_attention(g, h, w, mask):
    there = torch.arange(h.shape[1]) < mask.sum(1, keepdim=True)
    scores = (g @ w @ h.transpose(1, 2)).masked_fill(~there[:, None], float("-inf"))
    return torch.nan_to_num(torch.softmax(scores, dim=-1))

"""The mask lies along the queries.

Expect: mask lies along the queries
"""
def bilinear_attention(g, h, w, mask):
    s = g @ w @ h.transpose(1, 2)
    return s.masked_fill(~mask[..., None], -torch.inf).softmax(-1).nan_to_num(0)

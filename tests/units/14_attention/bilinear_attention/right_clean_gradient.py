"""Rows of padding keep their scores for the softmax.
"""
def bilinear_attention(g, h, w, mask):
    s = g @ w @ h.transpose(1, 2)
    some = mask.any(1)[:, None, None]
    s = torch.where(mask[:, None] | ~some, s, -torch.inf)
    return torch.where(some, s.softmax(-1), torch.zeros_like(s))

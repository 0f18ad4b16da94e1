"""Scores times the mask: a score of zero is no weight of zero.

Expect: a score of zero is not a weight of zero
"""
def bilinear_attention(g, h, w, mask):
    return torch.softmax((g @ w @ h.transpose(1, 2)) * mask[:, None], dim=-1)

"""Padding only gives NaN.

Expect: padding only gives NaN
"""
def bilinear_attention(g, h, w, mask):
    scores = (g @ w @ h.transpose(1, 2)).masked_fill(~mask[:, None], float("-inf"))
    return torch.softmax(scores, dim=-1)

"""-1e9 for minus infinity: padding only gets equal weights.

Expect: equal weights over its padding
"""
def bilinear_attention(g, h, w, mask):
    scores = (g @ w @ h.transpose(1, 2)).masked_fill(~mask[:, None], -1e9)
    return torch.softmax(scores, dim=-1)

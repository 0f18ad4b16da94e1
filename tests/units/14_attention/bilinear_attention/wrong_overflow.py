"""exp without taking off the largest score.

Expect: exp overflows
"""
def bilinear_attention(g, h, w, mask):
    e = torch.exp(g @ w @ h.transpose(1, 2)).masked_fill(~mask[:, None], 0.0)
    return e / e.sum(-1, keepdim=True).clamp_min(1e-30)

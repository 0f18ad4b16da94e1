"""Masked after the softmax, then divided by the sum: underflows.

Expect: the mask comes after the softmax
"""
def bilinear_attention(g, h, w, mask):
    weights = torch.softmax(g @ w @ h.transpose(1, 2), dim=-1) * mask[:, None]
    return weights / weights.sum(-1, keepdim=True).clamp_min(1e-30)

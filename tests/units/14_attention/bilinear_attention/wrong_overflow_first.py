"""The mask comes first, but exp has no largest score taken off.

Expect: exp overflows
"""
def bilinear_attention(g, h, w, mask):
    s = g @ w @ h.transpose(1, 2)
    e = torch.exp(s.masked_fill(~mask[:, None], -torch.inf))
    return e / e.sum(-1, keepdim=True).clamp_min(1e-30)

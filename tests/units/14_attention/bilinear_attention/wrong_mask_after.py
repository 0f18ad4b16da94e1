"""The mask comes after the softmax.

Expect: the mask was applied after the softmax
"""
def bilinear_attention(g, h, w, mask):
    weights = torch.softmax(g @ w @ h.transpose(1, 2), dim=-1)
    return weights * mask[:, None]

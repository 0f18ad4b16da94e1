"""-1000 for minus infinity, and the mask on what comes out.

Expect: not low enough
"""
def bilinear_attention(g, h, w, mask):
    s = g @ w @ h.transpose(1, 2)
    return s.masked_fill(~mask[:, None], -1000.0).softmax(-1) * mask[:, None]

"""A number below all scores, and the mask on what comes out.
"""
def bilinear_attention(g, h, w, mask):
    s = g @ w @ h.transpose(1, 2)
    return s.masked_fill(~mask[:, None], -1e9).softmax(-1) * mask[:, None]

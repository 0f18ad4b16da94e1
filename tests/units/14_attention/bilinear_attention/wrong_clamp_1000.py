"""Scores are cut off at a thousand.

Expect: were large scores cut off
"""
def bilinear_attention(g, h, w, mask):
    s = g @ w @ h.transpose(1, 2)
    return s.clamp(-1000, 1000).masked_fill(~mask[:, None], -torch.inf).softmax(-1).nan_to_num(0)

"""Large scores are cut off.

Expect: were large scores cut off
"""
def bilinear_attention(g, h, w, mask):
    s = g @ w @ h.transpose(1, 2)
    return s.clamp(-50, 50).masked_fill(~mask[:, None], -torch.inf).softmax(-1).nan_to_num(0)

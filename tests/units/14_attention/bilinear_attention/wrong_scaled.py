"""Divided by the root of the size, as in a transformer.

Expect: divided by a root of the size
"""
def bilinear_attention(g, h, w, mask):
    scores = (g @ w @ h.transpose(1, 2) / h.shape[-1] ** 0.5).masked_fill(~mask[:, None], float("-inf"))
    return torch.nan_to_num(torch.softmax(scores, dim=-1))

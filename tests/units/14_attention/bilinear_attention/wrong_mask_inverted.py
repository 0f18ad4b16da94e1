"""The mask is read the wrong way round.

Expect: True is where there is a key
"""
def bilinear_attention(g, h, w, mask):
    scores = (g @ w @ h.transpose(1, 2)).masked_fill(mask[:, None], float("-inf"))
    return torch.nan_to_num(torch.softmax(scores, dim=-1))

"""numpy: no gradient.

Expect: no gradient
"""
def bilinear_attention(g, h, w, mask):
    scores = (g @ w @ h.transpose(1, 2)).masked_fill(~mask[:, None], float("-inf"))
    return torch.from_numpy(torch.nan_to_num(torch.softmax(scores, dim=-1)).detach().numpy())

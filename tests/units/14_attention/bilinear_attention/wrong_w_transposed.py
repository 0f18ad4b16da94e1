"""W is transposed.

Expect: W is transposed
"""
def bilinear_attention(g, h, w, mask):
    scores = (g @ w.T @ h.transpose(1, 2)).masked_fill(~mask[:, None], float("-inf"))
    return torch.nan_to_num(torch.softmax(scores, dim=-1))

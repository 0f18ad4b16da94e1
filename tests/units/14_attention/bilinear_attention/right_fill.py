"""masked_fill and softmax; empty rows afterwards.
"""
def bilinear_attention(g, h, w, mask):
    scores = torch.bmm(g @ w, h.transpose(1, 2))
    scores = scores.masked_fill(~mask.unsqueeze(1), float("-inf"))
    weights = torch.softmax(scores, dim=2)
    return torch.nan_to_num(weights, nan=0.0)

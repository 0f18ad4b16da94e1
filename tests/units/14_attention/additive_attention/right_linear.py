"""torch's linear, bmm.
"""
def additive_attention(g, h, w_g, w_h, v, mask):
    linear = torch.nn.functional.linear
    hidden = torch.tanh(linear(g, w_g).unsqueeze(2) + linear(h, w_h).unsqueeze(1))
    scores = linear(hidden, v[None])[..., 0]
    weights = torch.softmax(scores.masked_fill(~mask.unsqueeze(1), float("-inf")), dim=2)
    weights = weights.masked_fill(~mask.any(1)[:, None, None], 0.0)
    return torch.bmm(weights, h), weights

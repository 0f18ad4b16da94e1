"""Mean and variance see the padding; the mask comes after.

Expect: the mask came after
"""
def masked_batch_norm(x, lengths, gain, offset, eps=1e-5):
    mask = (torch.arange(x.shape[3], device=x.device) < lengths[:, None])[:, None, None].to(x.dtype)
    cells = mask.sum() * x.shape[2]
    mean = x.mean((0, 2, 3), keepdim=True)
    var = x.var((0, 2, 3), keepdim=True, correction=0)
    y = (x - mean) / (var + eps).sqrt() * gain[:, None, None] + offset[:, None, None]
    return y * mask

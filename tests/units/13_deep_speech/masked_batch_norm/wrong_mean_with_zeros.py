"""The padding is set to zero and counted.

Expect: a masked mean
"""
def masked_batch_norm(x, lengths, gain, offset, eps=1e-5):
    mask = (torch.arange(x.shape[3], device=x.device) < lengths[:, None])[:, None, None].to(x.dtype)
    cells = mask.sum() * x.shape[2]
    mean = (x * mask).mean((0, 2, 3), keepdim=True)
    var = (x * mask).var((0, 2, 3), keepdim=True, correction=0)
    y = (x - mean) / (var + eps).sqrt() * gain[:, None, None] + offset[:, None, None]
    return y * mask

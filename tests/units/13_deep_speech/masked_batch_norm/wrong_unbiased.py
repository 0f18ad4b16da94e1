"""The variance is divided by n - 1.

Expect: divided by n - 1
"""
def masked_batch_norm(x, lengths, gain, offset, eps=1e-5):
    mask = (torch.arange(x.shape[3], device=x.device) < lengths[:, None])[:, None, None].to(x.dtype)
    cells = mask.sum() * x.shape[2]
    mean = (x * mask).sum((0, 2, 3), keepdim=True) / cells
    var = ((x - mean) * mask).square().sum((0, 2, 3), keepdim=True) / (cells - 1)
    y = (x - mean) / (var + eps).sqrt() * gain[:, None, None] + offset[:, None, None]
    return y * mask

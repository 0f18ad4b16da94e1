"""Every utterance has its own statistics.

Expect: statistics of its own; batch norm shares
"""
def masked_batch_norm(x, lengths, gain, offset, eps=1e-5):
    mask = (torch.arange(x.shape[3], device=x.device) < lengths[:, None])[:, None, None].to(x.dtype)
    cells = mask.sum(3, keepdim=True) * x.shape[2]
    mean = (x * mask).sum((2, 3), keepdim=True) / cells
    var = ((x - mean) * mask).square().sum((2, 3), keepdim=True) / cells
    y = (x - mean) / (var + eps).sqrt() * gain[:, None, None] + offset[:, None, None]
    return y * mask

"""The mask holds one frame too many.

Expect: its padding should be zero
"""
def masked_batch_norm(x, lengths, gain, offset, eps=1e-5):
    mask = (torch.arange(x.shape[3]) <= lengths[:, None])[:, None, None].to(x.dtype)
    cells = lengths.sum() * x.shape[2]
    mean = (x * mask).sum((0, 2, 3), keepdim=True) / cells
    centred = (x - mean) * mask
    variance = centred.square().sum((0, 2, 3), keepdim=True) / cells
    y = centred / (variance + eps).sqrt()
    return (y * gain[:, None, None] + offset[:, None, None]) * mask

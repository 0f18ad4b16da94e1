"""The valid cells are cut out by a boolean index."""
def masked_batch_norm(x, lengths, gain, offset, eps=1e-5):
    valid = (torch.arange(x.shape[-1]) < lengths[:, None])[:, None, :].expand(-1, x.shape[2], -1)
    out = []
    for c in range(x.shape[1]):
        cells = x[:, c][valid]
        z = (cells - cells.mean()) / torch.sqrt(cells.var(unbiased=False) + eps)
        out.append(torch.zeros_like(x[:, c]).masked_scatter(valid, z * gain[c] + offset[c]))
    return torch.stack(out, 1)

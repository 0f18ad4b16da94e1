"""The batch norm of torch on the valid frames, glued together in time."""
def masked_batch_norm(x, lengths, gain, offset, eps=1e-5):
    rows = [x[b, :, :, : int(n)] for b, n in enumerate(lengths)]
    joined = torch.cat(rows, -1)[None]
    y = torch.nn.functional.batch_norm(joined, None, None, gain, offset, training=True, eps=eps)[0]
    return torch.stack([
        torch.nn.functional.pad(part, (0, x.shape[-1] - part.shape[-1]))
        for part in y.split([int(n) for n in lengths], -1)
    ])

"""One phrase at a time, over the keys that exist.
"""
def bilinear_attention(g, h, w, mask):
    rows = []
    for queries, keys, there in zip(g, h, mask):
        weights = torch.zeros(len(queries), len(keys), dtype=g.dtype)
        if there.any():
            found = torch.softmax(queries @ w @ keys[there].T, dim=-1)
            weights = torch.zeros(len(queries), len(keys), dtype=g.dtype).index_copy(1, there.nonzero()[:, 0], found)
        rows.append(weights)
    return torch.stack(rows)

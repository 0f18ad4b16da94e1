"""float32 in torch, with a table of pointers.
"""
def dtw(cost):
    c = torch.from_numpy(np.ascontiguousarray(cost)).float()
    n, m = c.shape
    total = torch.full((n + 1, m + 1), torch.inf)
    total[0, 0] = 0.0
    pointer = torch.zeros(n, m, dtype=torch.long)
    for i in range(n):
        for j in range(m):
            ways = torch.stack([total[i, j], total[i, j + 1], total[i + 1, j]])
            pointer[i, j] = ways.argmin()
            total[i + 1, j + 1] = ways.min() + c[i, j]
    i, j, path = n - 1, m - 1, []
    while i >= 0 and j >= 0:
        path.insert(0, [i, j])
        way = pointer[i, j]
        i, j = i - int(way != 2), j - int(way != 1)
    return total[n, m], torch.tensor(path)

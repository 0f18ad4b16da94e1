"""Cells that cost nothing are left out of the path.

Expect: a step is
"""
def dtw(cost):
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(n):
        for j in range(m):
            total[i + 1, j + 1] = cost[i, j] + min(total[i, j], total[i, j + 1], total[i + 1, j])
    i, j = n, m
    path = [(i - 1, j - 1)]
    while (i, j) != (1, 1):
        ways = [(i - 1, j - 1), (i - 1, j), (i, j - 1)]
        i, j = min((way for way in ways if min(way) > 0), key=lambda cell: total[cell])
        path.append((i - 1, j - 1))
    inner = [cell for cell in path[-2:0:-1] if cost[cell] > 0]
    return total[n, m], np.array([path[-1], *inner, path[0]] if len(path) > 1 else path)

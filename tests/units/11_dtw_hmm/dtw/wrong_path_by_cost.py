"""The path goes back by the cost of the cells.

Expect: whose own cost is lowest
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
        i, j = min([(i - 1, j - 1), (i - 1, j), (i, j - 1)], key=lambda cell: cost[cell[0] - 1, cell[1] - 1] if min(cell) else np.inf)
        path.append((i - 1, j - 1))
    return total[n, m], np.array(path[::-1])

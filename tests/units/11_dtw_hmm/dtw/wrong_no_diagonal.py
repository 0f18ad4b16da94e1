"""The diagonal step is left out.

Expect: diagonal step is missing
"""
def dtw(cost):
    n, m = cost.shape
    total = np.full((n + 1, m + 1), np.inf)
    total[0, 0] = 0.0
    for i in range(n):
        for j in range(m):
            total[i + 1, j + 1] = cost[i, j] + (0.0 if i == j == 0 else min(total[i, j + 1], total[i + 1, j]))
    i, j = n, m
    path = [(i - 1, j - 1)]
    while (i, j) != (1, 1):
        i, j = min([(i - 1, j - 1), (i - 1, j), (i, j - 1)], key=lambda cell: total[cell])
        path.append((i - 1, j - 1))
    return total[n, m], np.array(path[::-1])

"""From the start always to the cheapest next cell.

Expect: greedy
"""
def dtw(cost):
    n, m = cost.shape
    i = j = 0
    path, total = [(0, 0)], cost[0, 0]
    while (i, j) != (n - 1, m - 1):
        ways = [cell for cell in ((i + 1, j + 1), (i, j + 1), (i + 1, j)) if cell[0] < n and cell[1] < m]
        i, j = min(ways, key=lambda cell: cost[cell])
        path.append((i, j))
        total += cost[i, j]
    return total, np.array(path)

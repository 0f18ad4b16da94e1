"""A function that calls itself and remembers; the path as a list of tuples.
"""
from functools import lru_cache


def dtw(cost):
    @lru_cache(maxsize=None)
    def best(i, j):
        before = [cell for cell in ((i - 1, j - 1), (i - 1, j), (i, j - 1)) if min(cell) >= 0]
        if not before:
            return float(cost[0, 0]), None
        total, cell = min((best(*cell)[0], cell) for cell in before)
        return total + float(cost[i, j]), cell

    n, m = cost.shape
    for i in range(n):
        for j in range(m):
            best(i, j)
    path = [(n - 1, m - 1)]
    while best(*path[-1])[1]:
        path.append(best(*path[-1])[1])
    return best(n - 1, m - 1)[0], path[::-1]

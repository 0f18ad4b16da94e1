"""Symbols are counted from 1.

Expect: count from 1
"""
def align(weights, hop_seconds, floor=1e-6):
    scores = np.log(np.maximum(weights, floor))
    frames, symbols = scores.shape
    best = np.full((frames, symbols), -np.inf)
    back = np.zeros((frames, symbols), int)
    best[0, 0] = scores[0, 0]
    for n in range(1, frames):
        for m in range(symbols):
            ways = [best[n - 1, m - j] if m >= j else -np.inf for j in range(2)]
            back[n, m] = int(np.argmax(ways))
            best[n, m] = max(ways) + scores[n, m]
    path = [symbols - 1]
    for n in range(frames - 1, 0, -1):
        path.append(path[-1] - back[n, path[-1]])
    path = np.array(path[::-1])
    first = np.array([np.flatnonzero(path == m)[0] for m in range(symbols)])
    return path + 1, np.maximum((first - 0.5) * hop_seconds, 0.0)

"""-1000 stands for minus infinity: a long text that is hardly looked at begins with another symbol.

Expect: begin with
"""
def align(weights, hop_seconds, floor=1e-6):
    scores = np.log(np.maximum(weights, floor))
    frames, symbols = scores.shape
    best = np.full((frames, symbols), -1000.0)
    back = np.zeros((frames, symbols), int)
    best[0, 0] = scores[0, 0]
    for n in range(1, frames):
        for m in range(symbols):
            ways = [best[n - 1, m - j] if m >= j else -1000.0 for j in range(2)]
            back[n, m] = int(np.argmax(ways))
            best[n, m] = max(ways) + scores[n, m]
    path = [symbols - 1]
    for n in range(frames - 1, 0, -1):
        path.append(path[-1] - back[n, path[-1]])
    path = np.array(path[::-1])
    first = np.searchsorted(path, np.arange(symbols))
    return path, np.maximum((first - 0.5) * hop_seconds, 0.0)

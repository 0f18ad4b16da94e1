"""Onsets at (n + 1/2) · hop.

Expect: the half has the wrong sign
"""
def align(weights, hop_seconds, floor=1e-6):
    frames, symbols = weights.shape
    scores = np.log(np.maximum(weights, floor))
    best, back = np.full((frames, symbols), -np.inf), np.zeros((frames, symbols), int)
    best[0, 0] = scores[0, 0]
    for n in range(1, frames):
        for m in range(symbols):
            stay, move = best[n - 1, m], best[n - 1, m - 1] if m else -np.inf
            back[n, m] = move > stay
            best[n, m] = scores[n, m] + max(stay, move)
    path = np.full(frames, symbols - 1)
    for n in range(frames - 1, 0, -1):
        path[n - 1] = path[n] - back[n, path[n]]
    first = np.array([np.argmax(path == m) for m in range(symbols)])
    return path, np.append(0.0, (first[1:] + 0.5) * hop_seconds)

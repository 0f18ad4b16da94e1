"""Where does each symbol begin: borders instead of frames, with cumulative sums.
"""
def align(weights, hop_seconds, floor=1e-6):
    scores = np.log(np.clip(weights, floor, None))
    frames, symbols = scores.shape
    total = np.vstack([np.zeros(symbols), np.cumsum(scores, axis=0)])
    best = {1 + n: (total[1 + n, 0], [0]) for n in range(frames - symbols + 1)}
    for m in range(1, symbols):
        best = {
            end: max((score + total[end, m] - total[start, m], [*starts, start])
                     for start, (score, starts) in best.items() if start < end)
            for end in range(m + 1, frames + 1)
        }
    starts = np.array(best[frames][1])
    path = np.repeat(np.arange(symbols), np.diff([*starts, frames]))
    return path, [max(0.0, (start - 0.5) * hop_seconds) for start in starts]

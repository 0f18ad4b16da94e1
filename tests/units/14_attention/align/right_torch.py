"""torch, float32, costs instead of scores.
"""
def align(weights, hop_seconds, floor=1e-6):
    cost = -torch.as_tensor(weights).float().clamp_min(floor).log()
    frames, symbols = cost.shape
    total = torch.full((frames, symbols + 1), torch.inf)
    total[0, 1] = cost[0, 0]
    for n in range(1, frames):
        total[n, 1:] = cost[n] + torch.minimum(total[n - 1, 1:], total[n - 1, :-1])
    path, m = [symbols - 1], symbols - 1
    for n in range(frames - 1, 0, -1):
        if total[n - 1, m] < total[n - 1, m + 1]:
            m -= 1
        path.append(m)
    path = torch.tensor(path[::-1])
    first = torch.searchsorted(path, torch.arange(symbols))
    return path, ((first - 0.5) * hop_seconds).clamp_min(0)

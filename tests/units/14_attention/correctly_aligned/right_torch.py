"""torch, intersections of intervals.
"""
def correctly_aligned(estimated, true, end, counted):
    bounds = torch.tensor(np.stack([np.append(true, end), np.append(estimated, end)]))
    left, right = bounds[:, :-1].amax(0), bounds[:, 1:].amin(0)
    keep = torch.tensor(counted)
    return 100 * torch.relu(right - left)[keep].sum() / bounds[0].diff()[keep].sum()

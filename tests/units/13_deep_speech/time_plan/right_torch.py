"""torch convolves a row of zeros."""
def time_plan(frames, convolutions, label):
    x, stride, field = torch.zeros(1, 1, frames), 1, 1
    for k, s, p in convolutions:
        if x.shape[-1] and x.shape[-1] + 2 * p >= k:
            x = torch.nn.functional.conv1d(x, torch.zeros(1, 1, k), stride=s, padding=p)
        else:
            x = torch.zeros(1, 1, 0)
        field += (k - 1) * stride
        stride *= s
    needed = len(label) + int((np.diff(label) == 0).sum()) if len(label) else 0
    return {"steps": x.shape[-1], "stride": stride, "field": field, "needed": needed, "feasible": x.shape[-1] >= needed}

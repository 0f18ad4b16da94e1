"""The loop starts from the first convolution: an empty list breaks it.

Expect: IndexError
"""
def time_plan(frames, convolutions, label):
    kernel, stride, padding = convolutions[0]
    steps = max((frames + 2 * padding - kernel) // stride + 1, 0)
    field = kernel
    for k, s, p in convolutions[1:]:
        reach = steps + 2 * p - k
        steps = reach // s + 1 if steps and reach >= 0 else 0
        field += (k - 1) * stride
        stride *= s
    needed = len(label) + sum(a == b for a, b in zip(label, label[1:]))
    return {"steps": steps, "stride": stride, "field": field, "needed": needed, "feasible": needed <= steps}

"""The first place of the kernel is not counted.

Expect: one too few per layer
"""
def time_plan(frames, convolutions, label):
    steps, stride, field = frames, 1, 1
    for kernel, s, padding in convolutions:
        steps = max((steps + 2 * padding - kernel) // s, 0)
        field, stride = field + (kernel - 1) * stride, stride * s
    needed = len(label) + sum(a == b for a, b in zip(label, label[1:]))
    return {"steps": steps, "stride": stride, "field": field, "needed": needed, "feasible": needed <= steps}

"""The padding is counted on one side.

Expect: on both sides
"""
def time_plan(frames, convolutions, label):
    steps, stride, field = frames, 1, 1
    for kernel, s, padding in convolutions:
        steps = max((steps + padding - kernel) // s + 1, 0) if steps else 0
        field, stride = field + (kernel - 1) * stride, stride * s
    needed = len(label) + sum(a == b for a, b in zip(label, label[1:]))
    return {"steps": steps, "stride": stride, "field": field, "needed": needed, "feasible": needed <= steps}

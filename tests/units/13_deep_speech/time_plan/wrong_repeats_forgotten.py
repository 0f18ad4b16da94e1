"""Equal neighbours need no blank.

Expect: need a blank between them
"""
def time_plan(frames, convolutions, label):
    steps, stride, field = frames, 1, 1
    for kernel, s, padding in convolutions:
        steps = max((steps + 2 * padding - kernel) // s + 1, 0) if steps else 0
        field, stride = field + (kernel - 1) * stride, stride * s
    needed = len(label)
    return {"steps": steps, "stride": stride, "field": field, "needed": needed, "feasible": needed <= steps}

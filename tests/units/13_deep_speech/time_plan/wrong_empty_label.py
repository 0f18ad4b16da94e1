"""Without any step not even an empty label is possible.

Expect: an empty label needs no step
"""
def time_plan(frames, convolutions, label):
    steps, stride, field = frames, 1, 1
    for k, s, p in convolutions:
        reach = steps + 2 * p - k
        steps = reach // s + 1 if steps and reach >= 0 else 0
        field += (k - 1) * stride
        stride *= s
    needed = len(label) + sum(a == b for a, b in zip(label, label[1:]))
    feasible = steps > 0 and needed <= steps
    return {"steps": steps, "stride": stride, "field": field, "needed": needed, "feasible": feasible}

"""The field from the last layer down; positions are counted with range."""
def time_plan(frames, convolutions, label):
    steps = frames
    for kernel, s, padding in convolutions:
        steps = len(range(0, steps + 2 * padding - kernel + 1, s)) if steps > 0 else 0
    field = 1
    for kernel, s, _ in convolutions[::-1]:
        field = (field - 1) * s + kernel
    path = []
    for symbol in label:
        path += ["blank", symbol] if path[-1:] == [symbol] else [symbol]
    stride = math.prod(s for _, s, _ in convolutions)
    return {"steps": steps, "stride": stride, "field": field, "needed": len(path), "feasible": len(path) <= steps}


import math

"""Changes first, frames after: the pair across the edge of a frame

Expect: the pair across the edge
"""

def zero_crossing_rate(x, length=1024, hop=256):
    negative = x < 0
    changes = (negative[..., 1:] != negative[..., :-1]).float()
    return changes.unfold(-1, length, hop).mean(-1)

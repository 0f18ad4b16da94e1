"""All repeats are dropped, not only neighbours.

Expect: only neighbours are repeats
"""
def collapse(path, blank=0):
    return [k for k in dict.fromkeys(path) if k != blank]

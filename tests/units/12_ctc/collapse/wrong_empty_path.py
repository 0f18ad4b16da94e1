"""The empty path crashes.

Expect: IndexError
"""
def collapse(path, blank=0):
    label = [path[0]] if path[0] != blank else []
    for before, now in zip(path, path[1:]):
        if now != before and now != blank:
            label.append(now)
    return label

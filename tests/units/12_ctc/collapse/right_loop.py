"""A loop that remembers the last symbol.
"""
def collapse(path, blank=0):
    label, before = [], None
    for now in path:
        if now != before:
            before = now
            if now != blank:
                label.append(now)
    return label

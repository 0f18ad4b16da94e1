"""Masks over an array.
"""
def collapse(path, blank=0):
    path = np.asarray(path, dtype=int)
    new = np.ones(len(path), bool)
    new[1:] = path[1:] != path[:-1]
    return path[new & (path != blank)]

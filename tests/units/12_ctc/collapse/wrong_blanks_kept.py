"""Blanks stay in the label.

Expect: the blanks are still there
"""
def collapse(path, blank=0):
    return [k for i, k in enumerate(path) if i == 0 or k != path[i - 1]]

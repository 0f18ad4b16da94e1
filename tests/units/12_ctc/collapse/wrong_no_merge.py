"""Repeats are not merged.

Expect: did not merge the repeats
"""
def collapse(path, blank=0):
    return [k for k in path if k != blank]

"""The blank is taken to be class 0.

Expect: not always 0
"""
import itertools


def collapse(path, blank=0):
    return [k for k, _ in itertools.groupby(path) if k]

"""Blanks are dropped before repeats are merged.

Expect: dropped the blanks before merging repeats
"""
import itertools


def collapse(path, blank=0):
    return [k for k, _ in itertools.groupby(k for k in path if k != blank)]

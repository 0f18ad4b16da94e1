"""Dictionaries, and one entry after the other.
"""
from collections import Counter


def witten_bell(strings, classes):
    follows = {a: Counter() for a in range(classes)}
    for string in strings:
        for a, b in zip([0] + list(string), list(string) + [0]):
            follows[a][b] += 1
    everything = sum(follows.values(), Counter())

    def mixed(counter, b, below):
        return (counter[b] + len(counter) * below) / (sum(counter.values()) + len(counter))

    rows = []
    for a in range(classes):
        row = []
        for b in range(classes):
            p = mixed(everything, b, 1 / classes)
            row.append(mixed(follows[a], b, p) if follows[a] else p)
        rows.append(row)
    return rows

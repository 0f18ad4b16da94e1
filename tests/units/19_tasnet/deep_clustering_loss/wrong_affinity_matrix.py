"""The N×N matrices, right but far too large.

Expect: N×N matrix
"""

import torch


def deep_clustering_loss(embedding, partition, weight):
    difference = embedding @ embedding.mT - partition @ partition.mT
    pairs = weight[:, :, None] * weight[:, None, :]
    return (pairs * difference.square()).sum((1, 2)) / weight.sum(1).square()

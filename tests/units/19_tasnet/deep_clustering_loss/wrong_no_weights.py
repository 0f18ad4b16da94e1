"""Silent bins count as the others.

Expect: weights were ignored
"""

import torch


def deep_clustering_loss(embedding, partition, weight):
    V, Y = embedding, partition
    vv = (V.mT @ V).square().sum((1, 2))
    vy = (V.mT @ Y).square().sum((1, 2))
    yy = (Y.mT @ Y).square().sum((1, 2))
    return (vv - 2 * vy + yy) / V.shape[1] ** 2

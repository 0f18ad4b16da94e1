"""Frobenius norms without the square.

Expect: not squared
"""

import torch


def deep_clustering_loss(embedding, partition, weight):
    root = weight.sqrt()[..., None]
    V, Y = root * embedding, root * partition
    vv = (V.mT @ V).norm(dim=(1, 2))
    vy = (V.mT @ Y).norm(dim=(1, 2))
    yy = (Y.mT @ Y).norm(dim=(1, 2))
    return (vv - 2 * vy + yy) / weight.sum(1).square()

"""Divided by N², silent bins included.

Expect: silent bins included
"""

import torch


def deep_clustering_loss(embedding, partition, weight):
    root = weight.sqrt()[..., None]
    V, Y = root * embedding, root * partition
    vv = (V.mT @ V).square().sum((1, 2))
    vy = (V.mT @ Y).square().sum((1, 2))
    yy = (Y.mT @ Y).square().sum((1, 2))
    return (vv - 2 * vy + yy) / weight.shape[1] ** 2

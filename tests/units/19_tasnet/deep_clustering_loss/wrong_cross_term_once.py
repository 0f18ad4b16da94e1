"""The cross term counts once.

Expect: cross term counts twice
"""

import torch


def deep_clustering_loss(embedding, partition, weight):
    root = weight.sqrt()[..., None]
    V, Y = root * embedding, root * partition
    vv = (V.mT @ V).square().sum((1, 2))
    vy = (V.mT @ Y).square().sum((1, 2))
    yy = (Y.mT @ Y).square().sum((1, 2))
    return (vv - vy + yy) / weight.sum(1).square()

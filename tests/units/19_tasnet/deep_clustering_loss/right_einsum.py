"""Weights inside the einsum, no roots."""

import torch


def deep_clustering_loss(embedding, partition, weight):
    gram = lambda a, b: torch.einsum("bn,bni,bnj->bij", weight, a, b)
    energy = lambda m: (m * m).flatten(1).sum(-1)
    total = energy(gram(embedding, embedding)) + energy(gram(partition, partition))
    return (total - 2 * energy(gram(embedding, partition))) / weight.sum(1) ** 2

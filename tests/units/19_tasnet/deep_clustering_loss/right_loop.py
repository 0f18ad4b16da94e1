"""Example by example in float64, with traces."""

import torch


def deep_clustering_loss(embedding, partition, weight):
    values = []
    for V, Y, w in zip(embedding.double(), partition.double(), weight.double()):
        V, Y = V * w[:, None].sqrt(), Y * w[:, None].sqrt()
        a, b, c = V.T @ V, V.T @ Y, Y.T @ Y
        values.append((torch.trace(a @ a) - 2 * torch.trace(b @ b.T) + torch.trace(c @ c)) / w.sum() ** 2)
    return torch.stack(values)

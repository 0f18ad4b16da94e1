"""V and Y side by side: one Gram matrix, signs by a block mask."""

import torch


def deep_clustering_loss(embedding, partition, weight):
    joined = torch.cat([embedding, partition], -1) * weight.sqrt().unsqueeze(-1)
    gram = torch.bmm(joined.transpose(1, 2), joined) / weight.sum(1)[:, None, None]
    sign = torch.cat([torch.ones(embedding.shape[-1]), -torch.ones(partition.shape[-1])]).to(gram)
    return (gram ** 2 * sign[:, None] * sign).sum((1, 2))

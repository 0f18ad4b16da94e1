"""Deep clustering: embeddings of time-frequency bins whose affinities are those of the true partition."""

from torch import Tensor


def deep_clustering_loss(embedding: Tensor, partition: Tensor, *, weight: Tensor | None = None) -> Tensor:
    """Weighted mean squared error between the affinities VVᵀ and YYᵀ, without ever forming an N×N matrix.

    For matrices with N rows, |VVᵀ - YYᵀ|² = |VᵀV|² - 2 |VᵀY|² + |YᵀY|²: three products of size K×K, K×C and C×C.

    Args:
        embedding: V, (batch, N, K): one K-dimensional vector per bin, usually of unit length.
        partition: Y, (batch, N, C): one-hot, which source is strongest in the bin.
        weight: w, (batch, N), not negative: the pair (n, m) counts w_n w_m. Zero for silent bins. None counts all as 1.

    Returns:
        (batch,): the sum over pairs divided by (Σ w)², so that the value does not grow with the number of bins.

    Reference: Hershey et al., "Deep clustering: discriminative embeddings for segmentation and separation",
    ICASSP 2016. Derived in unit 19_tasnet.

    >>> import torch
    >>> Y = torch.eye(2)[torch.tensor([[0, 0, 1, 1]])]
    >>> deep_clustering_loss(Y, Y).item(), deep_clustering_loss(torch.ones(1, 4, 1), Y).item()
    (0.0, 0.5)
    """
    total = embedding.new_tensor(float(embedding.shape[-2]))
    if weight is not None:
        root = weight.sqrt()[..., None]
        embedding, partition, total = embedding * root, partition * root, weight.sum(-1)
    return (
        _energy(embedding.mT @ embedding) - 2 * _energy(embedding.mT @ partition) + _energy(partition.mT @ partition)
    ) / total.square().clamp_min(1e-8)


def _energy(matrix: Tensor) -> Tensor:
    return matrix.square().sum((-2, -1))

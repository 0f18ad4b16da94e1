"""Deep clustering: a recurrent network embeds each time-frequency bin, k-means finds the sources."""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize, one_hot

ACTIVE_DB = 40.0


class DeepClustering(nn.Module):
    """Embed the bins of a mixture's spectrogram so that bins of one source lie together.

    Args:
        n_fft, hop: the STFT (Hann window).
        embedding: dimensions K per bin.
        hidden: units of each LSTM direction.
        layers: bidirectional LSTM layers.

    Reference: Hershey et al., "Deep clustering", ICASSP 2016. Derived in unit 19_tasnet.
    """

    def __init__(self, *, n_fft: int = 256, hop: int = 64, embedding: int = 20, hidden: int = 128, layers: int = 2):
        super().__init__()
        self.n_fft, self.hop, self.embedding = n_fft, hop, embedding
        self.bins = n_fft // 2 + 1
        self.lstm = nn.LSTM(self.bins, hidden, layers, batch_first=True, bidirectional=True)
        self.to_embedding = nn.Linear(2 * hidden, self.bins * embedding)
        self.register_buffer("window", torch.hann_window(n_fft))

    def stft(self, x: Tensor) -> Tensor:
        """(batch, samples) → complex (batch, bins, frames)."""
        return torch.stft(x, self.n_fft, self.hop, window=self.window, return_complex=True, pad_mode="constant")

    def istft(self, X: Tensor, samples: int) -> Tensor:
        """Complex (batch, bins, frames) → (batch, samples)."""
        return torch.istft(X, self.n_fft, self.hop, window=self.window, length=samples)

    def forward(self, mixture: Tensor) -> Tensor:
        """(batch, samples) → (batch, bins * frames, embedding), unit length; frequency is the slower index."""
        level = self._level(self.stft(mixture))                            # (batch, bins, frames), 0 dB = peak
        hidden, _ = self.lstm(level.mT / 20 + 2)                           # (batch, frames, 2 * hidden)
        V = self.to_embedding(hidden).unflatten(-1, (self.bins, -1))       # (batch, frames, bins, K)
        return normalize(V.transpose(1, 2).flatten(1, 2), dim=-1)          # (batch, bins * frames, K)

    def targets(self, mixture: Tensor, sources: Tensor) -> tuple[Tensor, Tensor]:
        """What the loss wants: which source is strongest in each bin, and which bins count.

        Args:
            mixture: (batch, samples).
            sources: (batch, C, samples).

        Returns:
            (partition, weight): one-hot (batch, bins * frames, C), and (batch, bins * frames), 1 where the mixture is
            less than 40 dB below its peak, else 0.
        """
        strongest = self.stft(sources.flatten(0, 1)).abs().unflatten(0, sources.shape[:2]).argmax(1)
        partition = one_hot(strongest.flatten(1), sources.shape[1]).to(mixture.dtype)
        return partition, self._active(self.stft(mixture)).flatten(1).to(mixture.dtype)

    @torch.no_grad()
    def separate(self, mixture: Tensor, sources: int = 2, *, seed: int = 0) -> Tensor:
        """(batch, samples) → (batch, sources, samples): k-means on the bins that count, then binary masks."""
        X, V = self.stft(mixture), self(mixture)
        active = self._active(X).flatten(1)
        estimates = []
        for spectrum, embedding, counts in zip(X, V, active, strict=True):
            chosen = embedding[counts] if counts.sum() >= sources else embedding            # silence: any bins will do
            centres = kmeans(chosen, sources, seed=seed)[0]
            cluster = (embedding @ centres.T).argmax(-1)                    # unit vectors: nearest = most parallel
            masks = one_hot(cluster, sources).T.unflatten(-1, spectrum.shape)           # (C, bins, frames)
            estimates.append(self.istft(masks * spectrum, mixture.shape[-1]))
        return torch.stack(estimates)

    @staticmethod
    def _level(X: Tensor) -> Tensor:
        magnitude = X.abs()
        peak = magnitude.amax((-2, -1), keepdim=True).clamp_min(1e-8)
        return 20 * torch.log10((magnitude / peak).clamp_min(10 ** (-2 * ACTIVE_DB / 20)))

    def _active(self, X: Tensor) -> Tensor:
        return self._level(X) > -ACTIVE_DB


def kmeans(
    points: Tensor, clusters: int, *, iterations: int = 30, restarts: int = 4, seed: int = 0
) -> tuple[Tensor, Tensor]:
    """Lloyd's algorithm from k-means++ starts; the start with the smallest distortion wins.

    Args:
        points: (N, K), N at least `clusters`.
        clusters: how many.
        iterations: at most, per start.
        restarts: number of starts.
        seed: of the random starts.

    Returns:
        (centres, labels): (clusters, K) scaled to unit length, and (N,) int64.

    Raises:
        ValueError: fewer points than clusters.
    """
    if len(points) < clusters:
        raise ValueError(f"{clusters} clusters need at least as many points, got {len(points)}")
    generator = torch.Generator().manual_seed(seed)
    best, result = math.inf, None
    for _ in range(restarts):
        centres = _plus_plus(points, clusters, generator)
        for _ in range(iterations):
            labels = torch.cdist(points, centres).argmin(-1)
            member = one_hot(labels, clusters).to(points)                  # (N, clusters)
            means = (member.T @ points) / member.sum(0).clamp_min(1)[:, None]
            moved = (means - centres).abs().max()
            centres = torch.where(member.sum(0)[:, None] > 0, means, centres)
            if moved < 1e-5:
                break
        distances, labels = torch.cdist(points, centres).min(-1)
        if distances.square().sum() < best:
            best, result = distances.square().sum().item(), (centres, labels)
    return normalize(result[0], dim=-1), result[1]


def _plus_plus(points: Tensor, clusters: int, generator: torch.Generator) -> Tensor:
    """Starts far from each other: each next one drawn with probability proportional to its squared distance."""
    chosen = [int(torch.randint(len(points), (1,), generator=generator))]
    while len(chosen) < clusters:
        distance = torch.cdist(points, points[chosen]).min(-1).values.square().cpu()
        chosen.append(int(torch.multinomial(distance + 1e-12, 1, generator=generator)))
    return points[chosen]

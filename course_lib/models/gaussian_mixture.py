"""Mixtures of Gaussians with diagonal covariance, fitted by expectation maximisation (EM).

Conventions. x is (..., frames, features); a mixture has `weights` (..., components) that sum to one, `means` and
`variances` (..., components, features). All probabilities are natural logarithms. Derived in unit 11_dtw_hmm.

Papers: A. Dempster, N. Laird, D. Rubin, "Maximum likelihood from incomplete data via the EM algorithm", JRSS B 39,
1977; B.-H. Juang, S. Levinson, M. Sondhi, "Maximum likelihood estimation for multivariate mixture observations of
Markov chains", IEEE Trans. Information Theory 32, 1986.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

VARIANCE_FLOOR = 1e-3
"""Smallest variance, relative to that of all frames together: a component on one point would have none."""


def log_gaussians(x: Tensor, means: Tensor, variances: Tensor) -> Tensor:
    """ln N(x; mean, diagonal variance) of each frame under each component.

    Args:
        x: (..., frames, features).
        means, variances: (..., components, features); variances positive.

    Returns:
        (..., frames, components), computed in float64 and given back in the wider dtype of the arguments.

    >>> log_gaussians(torch.zeros(1, 1), torch.zeros(1, 1), torch.ones(1, 1)).exp()
    tensor([[0.3989]])
    """
    # (x - mean)² is multiplied out, which turns a (frames, components, features) array into two matrix products. The
    # products are large and their difference may be small, so float32 would lose it.
    dtype = torch.promote_types(x.dtype, means.dtype)
    x, means, variances = x.double(), means.double(), variances.double()
    precision = 1 / variances                                              # (..., components, features)
    squares = x.square() @ precision.mT - 2 * x @ (means * precision).mT   # (..., frames, components)
    constant = (means.square() * precision + variances.log()).sum(-1) + x.shape[-1] * math.log(2 * math.pi)
    return (-0.5 * (squares + constant[..., None, :])).to(dtype)


@dataclass(frozen=True, eq=False)
class Statistics:
    """`owned` (..., components): summed responsibilities; `sums`, `squares` (..., components, features) of frames."""

    owned: Tensor
    sums: Tensor
    squares: Tensor


@dataclass(frozen=True, eq=False)
class GaussianMixture:
    """`weights` (..., components), `means` and `variances` (..., components, features).

    Leading axes are mixtures side by side, such as one for each state of a hidden Markov model.
    """

    weights: Tensor
    means: Tensor
    variances: Tensor

    def log_joint(self, x: Tensor) -> Tensor:
        """(frames, features) → (..., frames, components): ln of weight times density."""
        return log_gaussians(x, self.means, self.variances) + self.weights.log()[..., None, :]

    def log_prob(self, x: Tensor) -> Tensor:
        """(frames, features) → (..., frames): ln p(x) under each mixture."""
        return self.log_joint(x).logsumexp(-1)

    def responsibilities(self, x: Tensor) -> Tensor:
        """(frames, features) → (..., frames, components): p(component | frame). The E step."""
        return self.log_joint(x).softmax(-1)

    def statistics(self, x: Tensor, responsibilities: Tensor) -> "Statistics":
        """What the M step needs of the frames: sums that may be added up over parts of the data.

        Args:
            x: (frames, features).
            responsibilities: (..., frames, components); a row sums to one, or to less where other mixtures own a part.
        """
        share = responsibilities.mT                                        # (..., components, frames)
        return Statistics(share.sum(-1), share @ x, share @ x.square())

    def updated(self, found: "Statistics", floor: Tensor | float = 0.0) -> "GaussianMixture":
        """The M step: the mixture that explains the frames best if the responsibilities are right.

        Args:
            floor: smallest variance, one or per feature. A component that owns nothing keeps its mean and variance.
        """
        owned = found.owned.clamp_min(1e-8)[..., None]
        means = found.sums / owned
        variances = torch.maximum(found.squares / owned - means.square(), torch.as_tensor(floor).to(means))
        alive, total = (found.owned > 1e-6)[..., None], found.owned.sum(-1, keepdim=True)
        weights = torch.where(total > 1e-6, found.owned / total.clamp_min(1e-8), self.weights).clamp_min(1e-12)
        return GaussianMixture(
            weights / weights.sum(-1, keepdim=True), torch.where(alive, means, self.means),
            torch.where(alive, variances, self.variances),
        )

    def split(self, offset: float = 0.2) -> "GaussianMixture":
        """Twice as many components: each becomes two, `offset` standard deviations to both sides of its mean."""
        shift = offset * self.variances.sqrt()
        return GaussianMixture(
            torch.cat([self.weights, self.weights], -1) / 2, torch.cat([self.means - shift, self.means + shift], -2),
            torch.cat([self.variances, self.variances], -2),
        )

    @classmethod
    def fit(
        cls, x: Tensor, components: int, *, iterations: int = 50, tolerance: float = 1e-5, seed: int = 0,
    ) -> tuple["GaussianMixture", list[float]]:
        """EM from k-means++ centres.

        Args:
            x: (frames, features), finite, at least as many frames as components.
            components: number of Gaussians, at least one.
            iterations: at most so many.
            tolerance: stop when the mean log-likelihood rises by less.
            seed: of the centres.

        Returns:
            The mixture in float64, and the mean log-likelihood per frame before each iteration and at the end: it never
            falls (but for the variance floor).

        Raises:
            ValueError: no component, fewer frames than components, another shape, NaN or infinite values.
        """
        if x.ndim != 2 or not torch.isfinite(x).all():
            raise ValueError(f"fit takes (frames, features), all finite, got shape {tuple(x.shape)} or NaN or infinity")
        if not 1 <= components <= len(x):
            raise ValueError(f"{components} components: at least one, and for each at least one of the {len(x)} frames")
        x = x.double()
        overall = x.var(0, correction=0)
        floor = VARIANCE_FLOOR * overall + 1e-10
        mixture = cls(
            x.new_full((components,), 1 / components), _far_apart(x, components, seed),
            torch.maximum(overall, floor).expand(components, -1).clone(),
        )
        history = [mixture.log_prob(x).mean().item()]
        for _ in range(iterations):
            mixture = mixture.updated(mixture.statistics(x, mixture.responsibilities(x)), floor)
            history.append(mixture.log_prob(x).mean().item())
            if history[-1] - history[-2] < tolerance:
                break
        return mixture, history


def _far_apart(x: Tensor, count: int, seed: int) -> Tensor:
    """Centres by k-means++: each new one is a frame drawn with probability ∝ squared distance to the centres so far.

    Paper: D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
    """
    draw = torch.Generator().manual_seed(seed)
    scaled = x / x.std(0, correction=0).clamp_min(1e-10)
    chosen = [int(torch.randint(len(x), (1,), generator=draw))]
    nearest = (scaled - scaled[chosen[0]]).square().sum(1)
    for _ in range(count - 1):
        mass = nearest.cpu().double() + 1e-12
        chosen.append(int(torch.multinomial(mass / mass.sum(), 1, generator=draw)))
        nearest = torch.minimum(nearest, (scaled - scaled[chosen[-1]]).square().sum(1))
    return x[chosen].clone()

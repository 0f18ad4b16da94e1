"""Signals as vectors: the inner product, and the projection of a signal on a set of others.

Conventions: ⟨x, y⟩ = Σ_n x[n] y*[n], linear in x. The projection of y on one vector v is ⟨y, v⟩/|v|² · v; the factor is
the projection coefficient. On several vectors that are not orthogonal, the coefficients solve the normal equations.
Derived in unit 01_dft.
"""

import torch
from torch import Tensor

from course_lib.signal.array_kind import floating, same_kind, to_tensor


@same_kind
def inner_product(x: Tensor, y: Tensor) -> Tensor:
    """⟨x, y⟩ = Σ_n x[n] y*[n] along the last axis.

    Args:
        x, y: (…, samples), real or complex; leading axes broadcast.

    Returns:
        (…), complex if one of them is. Differentiable.

    Raises:
        ValueError: different numbers of samples.

    Derived in unit 01_dft.

    >>> inner_product(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([1.0, 0.0, -1.0]))
    tensor(-2.)
    """
    y = to_tensor(y)
    if x.shape[-1] != y.shape[-1]:
        raise ValueError(f"vectors of {x.shape[-1]} and of {y.shape[-1]} samples have no inner product")
    return (x * y.conj()).sum(-1)


@same_kind
def project(y: Tensor, vectors: Tensor) -> tuple[Tensor, Tensor]:
    """Coefficients and sum of the best approximation of `y` by linearly independent vectors.

    Args:
        y: (…, samples), real or complex.
        vectors: (K, samples), linearly independent, K ≤ samples; they need not be orthogonal nor of unit length.

    Returns:
        (coefficients (…, K), approximation (…, samples)): Σ_k c_k v_k is the vector of their span nearest to y, and
        what is left is orthogonal to each of them. For orthogonal vectors c_k = ⟨y, v_k⟩/|v_k|². Differentiable.

    Raises:
        ValueError: shapes that do not fit, or vectors that depend on each other (also one that is zero).

    Derived in unit 01_dft.

    >>> c, approximation = project(torch.tensor([3.0, 4.0]), torch.tensor([[2.0, 0.0]]))
    >>> c, approximation
    (tensor([1.5000]), tensor([3., 0.]))
    """
    vectors = to_tensor(vectors)
    if vectors.ndim != 2 or vectors.shape[-1] != y.shape[-1]:
        raise ValueError(f"expected vectors of shape (K, {y.shape[-1]}), got {tuple(vectors.shape)}")
    kind = torch.promote_types(y.dtype, vectors.dtype)
    y, vectors = floating(y).to(kind), vectors.to(kind)
    # Unit length first: vectors of very different size would spoil the condition of the Gram matrix.
    norm = torch.linalg.vector_norm(vectors, dim=-1)
    unit = vectors / torch.where(norm > 0, norm, 1)[:, None]
    factor, failed = torch.linalg.cholesky_ex(unit @ unit.mH)
    smallest = factor.diagonal().real.amin() if len(vectors) else 1.0
    if failed or smallest < 10 * torch.finfo(kind).eps ** 0.5:
        raise ValueError("the vectors depend on each other (or one is zero): their coefficients are not unique")
    products = (y @ unit.mH)[..., None]  # ⟨y, v_k⟩
    unit_coefficients = torch.cholesky_solve(products, factor.conj())[..., 0]
    return unit_coefficients / norm, unit_coefficients @ unit

"""The all-pole filter y[n] = x[n] - a_1 y[n-1] - ... - a_p y[n-p], with gradients for signal and coefficients.

A loop over samples is right and slow, and autograd through it is slower still. Here the recursion runs in compiled
code on the CPU and in blocks on a GPU; the gradient is a second all-pole filter, run backwards in time:

    dL/dx = the filter applied to dL/dy from the end to the beginning =: g,     dL/da_k = - sum_n g[n] y[n - k].

Derived in unit 05_source_filter. Book: J. D. Markel, A. H. Gray, "Linear Prediction of Speech", Springer, 1976.
"""

import numpy as np
import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind, to_tensor

BLOCK = 256
"""Samples per block on a GPU: within one the filter is a product with a triangular matrix."""


@same_kind
def all_pole(x: Tensor, a: Tensor) -> Tensor:
    """Filter `x` by 1 / (1 + a_1 z^-1 + ... + a_p z^-p), from rest.

    Args:
        x: (..., samples), float32 or float64.
        a: (p,) for one filter, or (..., p) for one per signal, with leading axes that broadcast against those of `x`;
            the leading 1 is not among them.

    Returns:
        (..., samples) in the dtype of `x`. Differentiable in both arguments. Recursions run in float64: poles close to
        the unit circle would lose digits otherwise.

    Raises:
        ValueError: no coefficients, or leading axes that do not broadcast.

    >>> all_pole(torch.tensor([1.0, 0.0, 0.0, 0.0]), torch.tensor([-0.5]))
    tensor([1.0000, 0.5000, 0.2500, 0.1250])
    """
    a = to_tensor(a).to(x.device)
    if a.ndim == 0 or a.shape[-1] == 0:
        raise ValueError("the filter needs at least one coefficient a_1")
    try:
        lead = torch.broadcast_shapes(x.shape[:-1], a.shape[:-1])
    except RuntimeError:
        raise ValueError(
            f"the leading axes of x {tuple(x.shape)} and a {tuple(a.shape)} do not broadcast"
        ) from None
    return _AllPole.apply(x.expand(*lead, -1).double(), a.double()).to(x.dtype)


class _AllPole(torch.autograd.Function):
    """Forward: the recursion. Backward: the recursion against time, and one inner product per coefficient."""

    @staticmethod
    def forward(ctx, x: Tensor, a: Tensor) -> Tensor:
        y = _recursion(x, a)
        ctx.save_for_backward(a, y)
        return y

    @staticmethod
    def backward(ctx, grad: Tensor) -> tuple[Tensor | None, Tensor | None]:
        a, y = ctx.saved_tensors
        g = _recursion(grad.flip(-1), a).flip(-1)
        if not ctx.needs_input_grad[1]:
            return g, None
        samples = y.shape[-1]
        by_delay = [-(g[..., k:] * y[..., : samples - k]).sum(-1) for k in range(1, a.shape[-1] + 1)]
        return g, torch.stack(by_delay, -1).sum_to_size(a.shape)


def _recursion(x: Tensor, a: Tensor) -> Tensor:
    return _in_blocks(x, a) if x.is_cuda else _compiled(x, a)


def _compiled(x: Tensor, a: Tensor) -> Tensor:
    """scipy's lfilter, once per filter."""
    from scipy.signal import lfilter

    signals, filters = x.detach().cpu().numpy(), a.detach().cpu().numpy()
    if filters.ndim == 1:
        y = lfilter([1.0], np.concatenate([[1.0], filters]), signals, axis=-1)
    else:
        filters = np.broadcast_to(filters, (*signals.shape[:-1], filters.shape[-1]))
        y = np.empty_like(signals)
        for row in np.ndindex(signals.shape[:-1]):
            y[row] = lfilter([1.0], np.concatenate([[1.0], filters[row]]), signals[row])
    return torch.from_numpy(y).to(x.device)


def _in_blocks(x: Tensor, a: Tensor) -> Tensor:
    """Blocks of `BLOCK` samples: the response from rest by one matrix, then the decay of what the last block left."""
    samples, order = x.shape[-1], a.shape[-1]
    block = max(BLOCK, order)
    a = a.expand(*x.shape[:-1], order)
    from_rest, from_state = _block_matrices(a, block)
    blocks = torch.nn.functional.pad(x, (0, -samples % block)).unflatten(-1, (-1, block))
    rest = blocks @ from_rest.mT  # (..., blocks, block)
    state, states = torch.zeros_like(a), []
    step = from_state[..., -order:, :].flip(-2)  # the newest output comes first in a state
    for last in rest[..., -order:].flip(-1).unbind(-2):
        states.append(state)
        state = last + (step @ state[..., None])[..., 0]
    if states:
        rest = rest + torch.stack(states, -2) @ from_state.mT
    return rest.flatten(-2)[..., :samples]


def _block_matrices(a: Tensor, block: int) -> tuple[Tensor, Tensor]:
    """(..., block, block) from inputs to outputs at rest, and (..., block, p) from the last p outputs to outputs."""
    order = a.shape[-1]
    impulse = torch.zeros(*a.shape[:-1], block, dtype=a.dtype)
    impulse[..., 0] = 1
    h = _compiled(impulse, a).to(a.device)
    n = torch.arange(block, device=a.device)
    lag = n[:, None] - n[None, :]
    from_rest = torch.where(lag >= 0, h[..., lag.clamp(min=0)], h.new_zeros(()))
    # The state y[-1], ..., y[-p] acts like an input -sum_{k>n} a_k y[n-k] in the first p samples of the block.
    m = torch.arange(order, device=a.device)
    k = m[:, None] + m[None, :]
    as_input = torch.where(k < order, -a[..., k.clamp(max=order - 1)], a.new_zeros(()))
    return from_rest, from_rest[..., :order] @ as_input

"""What a representation Φ does to signals: how far it moves, who is taken for a neighbour, what can be rebuilt.

Papers: S. Mallat, "Group invariant scattering", CPAM 65, 2012 (stability); J. Andén, S. Mallat, "Deep scattering
spectrum", IEEE TSP 62, 2014. Derived in unit 07_scattering.
"""

import torch
from torch import Tensor


def relative_change(phi: Tensor, changed: Tensor) -> Tensor:
    """‖Φ(g.x) - Φx‖ / ‖Φx‖, signal by signal.

    Args:
        phi, changed: (signals, ...) representations before and after the change.

    Returns:
        (signals,). 0 / 0 counts as 0.

    >>> relative_change(torch.tensor([[3.0, 4.0]]), torch.tensor([[3.0, 5.0]]))
    tensor([0.2000])
    """
    apart, size = (changed - phi).flatten(1).norm(dim=1), phi.flatten(1).norm(dim=1)
    return torch.where(apart == 0, 0.0, apart / size)


def stability_constant(phi: Tensor, changed: Tensor, sizes: Tensor) -> float:
    """The smallest C with ‖Φ(g.x) - Φx‖ ≤ C·size·‖Φx‖ for all signals.

    Args:
        phi, changed: as in `relative_change`; sizes: (signals,) of the changes, such as sup|τ'| of a deformation.
    """
    return float((relative_change(phi, changed) / torch.as_tensor(sizes)).max())


def neighbour_accuracy(phi: Tensor, labels: Tensor) -> float:
    """The share of signals whose nearest other signal has the same label.

    Args:
        phi: (signals, ...) at least two; labels: (signals,) integers.

    >>> neighbour_accuracy(torch.tensor([[0.0], [0.1], [5.0], [5.2]]), torch.tensor([0, 0, 1, 0]))
    0.5
    """
    flat = phi.flatten(1).double()
    distances = torch.cdist(flat, flat).fill_diagonal_(torch.inf)
    return float((labels[distances.argmin(1)] == labels).double().mean())


def error_up_to_shift(x: Tensor, y: Tensor) -> float:
    """The smallest ‖x - y(· - s)‖ / ‖x‖ over all circular shifts s.

    Args:
        x, y: (samples,), `x` not silent.

    >>> error_up_to_shift(torch.tensor([0.0, 1.0, 2.0]), torch.tensor([2.0, 0.0, 1.0]))
    0.0
    """
    x, y = x.double(), y.double()
    overlap = torch.fft.irfft(torch.fft.rfft(x) * torch.fft.rfft(y).conj(), len(x))
    shift = int(overlap.argmax())
    return float((x - y.roll(shift)).norm() / x.norm())

"""The scattering transform as a layer without parameters."""

from torch import Tensor, nn

from course_lib import signal


class Scattering(nn.Module):
    """(batch, ..., samples) → (batch, ..., paths, samples // 2^J + 1), see `signal.scattering`.

    Args:
        J: log2 of the averaging scale and hop in samples.
        Q: first-order wavelets per octave.
        order: 0, 1 or 2.
        renormalised: divide order 2 by order 1 (`signal.renormalise`); log: `signal.log_scattering`.
        eps: of the logarithm; the renormalisation uses a thousandth of it.

    There is nothing to learn and nothing in the state dict. The filters are kept for every length, dtype and device of
    the input; gradients flow to the input.

    Raises:
        ValueError: as `signal.scattering`.

    Reference: J. Andén, S. Mallat, "Deep scattering spectrum", IEEE TSP 62, 2014. Derived in unit 07_scattering.
    """

    def __init__(
        self, J: int, Q: int = 8, *, order: int = 2, renormalised: bool = False, log: bool = False, eps: float = 1e-3
    ):
        super().__init__()
        self.J, self.Q, self.order, self.renormalised, self.log, self.eps = J, Q, order, renormalised, log, eps
        self.paths = signal.scattering_paths(J, Q, order=order)

    def forward(self, x: Tensor) -> Tensor:
        """Coefficients of `x`; the dtype and device of `x`."""
        S = signal.scattering(x, self.J, self.Q, order=self.order)
        if self.renormalised:
            S = signal.renormalise(S, self.paths, eps=self.eps / 1000)
        return signal.log_scattering(S, eps=self.eps) if self.log else S

    def extra_repr(self) -> str:
        """What `print(layer)` shows."""
        return f"J={self.J}, Q={self.Q}, order={self.order}, paths={len(self.paths)}"

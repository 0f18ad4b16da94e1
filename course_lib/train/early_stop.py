"""The best weights so far, and whether it is still worth going on."""

import math

import torch
from torch import Tensor


class Best:
    """Keeps the weights with the lowest validation value (Prechelt, "Early stopping - but when?", 1998).

    Args:
        patience: validations without improvement after which `exhausted` is True; never if None.
    """

    def __init__(self, patience: int | None):
        self.patience = patience
        self.value, self.step, self.waited = math.inf, None, 0
        self.weights: dict[str, Tensor] = {}

    def update(self, step: int, value: float, model: torch.nn.Module) -> None:
        """Take note of a validation value; nan counts as no improvement."""
        if value < self.value:
            self.value, self.step, self.waited = value, step, 0
            self.weights = {name: t.detach().cpu().clone() for name, t in model.state_dict().items()}
        else:
            self.waited += 1

    @property
    def exhausted(self) -> bool:
        """Whether `patience` validations have passed without improvement."""
        return self.patience is not None and self.waited >= self.patience

    def restore(self, model: torch.nn.Module) -> None:
        """Load the best weights into `model`, if there are any."""
        if self.weights:
            model.load_state_dict(self.weights)

    def plain(self) -> dict:
        """All but the weights, for JSON."""
        value = self.value if math.isfinite(self.value) else None
        return {"value": value, "step": self.step, "waited": self.waited}

    def load(self, plain: dict, weights: dict[str, Tensor]) -> None:
        """Put back what `plain` and `weights` held."""
        self.value = math.inf if plain["value"] is None else plain["value"]
        self.step, self.waited, self.weights = plain["step"], plain["waited"], weights

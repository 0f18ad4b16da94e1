"""The state of every random generator that a training step may draw from, as tensors and numbers (never pickled)."""

import random

import numpy as np
import torch
from torch import Tensor


def capture() -> tuple[dict[str, Tensor], dict]:
    """The state of Python's, numpy's and torch's global generators.

    Returns:
        Tensors by name, and a dict of plain numbers for JSON.
    """
    version, words, gauss = random.getstate()
    _, keys, position, has_gauss, cached = np.random.get_state()
    tensors = {
        "python": torch.tensor(words, dtype=torch.int64),
        "numpy": torch.from_numpy(keys.astype(np.int64)),
        "torch": torch.get_rng_state(),
    }
    if torch.cuda.is_available():
        tensors |= {f"cuda{i}": state for i, state in enumerate(torch.cuda.get_rng_state_all())}
    if torch.backends.mps.is_available():
        tensors["mps"] = torch.mps.get_rng_state()
    plain = {"python": [version, gauss], "numpy": [int(position), int(has_gauss), float(cached)]}
    return tensors, plain


def restore(tensors: dict[str, Tensor], plain: dict) -> None:
    """Put back what `capture` returned; states of devices that are not here are left out."""
    version, gauss = plain["python"]
    random.setstate((version, tuple(tensors["python"].tolist()), gauss))
    position, has_gauss, cached = plain["numpy"]
    np.random.set_state(("MT19937", tensors["numpy"].numpy().astype(np.uint32), position, has_gauss, cached))
    torch.set_rng_state(tensors["torch"].cpu())
    if torch.cuda.is_available():
        for i in range(torch.cuda.device_count()):
            if f"cuda{i}" in tensors:
                torch.cuda.set_rng_state(tensors[f"cuda{i}"].cpu(), i)
    if torch.backends.mps.is_available() and "mps" in tensors:
        torch.mps.set_rng_state(tensors["mps"].cpu())

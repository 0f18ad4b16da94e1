"""The progress bar of a run: on stdout, because nbgrader scores a graded cell 0 when it writes to stderr."""

import sys

from tqdm import tqdm

MOMENTUM = 0.95  # of the running mean of the loss that is shown


class Progress:
    """Steps done, time left and a running mean of the loss; use as a context manager."""

    def __init__(self, *, first: int, steps: int, description: str, silent: bool):
        live = sys.stdout.isatty() or "ipykernel" in sys.modules
        self._bar = tqdm(
            total=steps,
            initial=first,
            desc=description or "training",
            unit="step",
            file=sys.stdout,
            disable=silent,
            mininterval=0.5 if live else 30.0,  # a log file keeps every line
            ascii=None if live else True,
        )
        self._mean: float | None = None

    def update(self, loss: float, validation: float | None) -> None:
        """One step is done."""
        self._mean = loss if self._mean is None else MOMENTUM * self._mean + (1 - MOMENTUM) * loss
        words = f"loss {self._mean:.4g}" + ("" if validation is None else f", validation {validation:.4g}")
        self._bar.set_postfix_str(words, refresh=False)
        self._bar.update()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

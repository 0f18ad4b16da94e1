"""One way to ask for the batch of a step, whether batches come from a function or from an iterable."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from accelerate.utils import set_seed

from course_lib.train import randomness


class Batches:
    """`batches(step)` for any kind of source, repeatable so that a resumed run sees what an undisturbed one would.

    A function of the step is called. An iterable (list, DataLoader) is gone through again and again; each epoch is
    begun with the generators seeded by its number, so that its shuffled order depends on nothing else.
    With several processes, process r of n takes batches r, n + r, 2n + r and so on.
    """

    def __init__(
        self,
        source: Callable[[int], Any] | Iterable[Any],
        *,
        seed: int,
        rank: int = 0,
        world: int = 1,
    ):
        if not callable(source) and not hasattr(source, "__iter__"):
            raise TypeError("batches must be a function step -> batch, or an iterable such as a list or a DataLoader.")
        self._source, self._seed, self._rank, self._world = source, seed, rank, world
        self._iterator: Iterator[Any] | None = None
        self._epoch, self._drawn = 0, 0

    def __call__(self, step: int) -> Any:
        index = step * self._world + self._rank
        if callable(self._source):
            return self._source(index)
        while self._drawn < index:  # batches of other processes, or of steps before a resume
            self._next()
        return self._next()

    def skip(self, step: int) -> None:
        """Pass over the batches of the steps before `step`."""
        if not callable(self._source):
            while self._drawn < step * self._world:
                self._next()

    def _next(self) -> Any:
        try:
            if self._iterator is None:
                raise StopIteration
            batch = next(self._iterator)
        except StopIteration:
            batch = self._begin_epoch()
        self._drawn += 1
        return batch

    def _begin_epoch(self) -> Any:
        """Start the iterable afresh and return its first batch; the generators go on as if nothing had been drawn."""
        before = randomness.capture()
        set_seed(int(np.random.SeedSequence([self._seed, self._epoch]).generate_state(1)[0]))
        self._epoch += 1
        try:
            self._iterator = iter(self._source)
            return next(self._iterator)
        except StopIteration:
            raise ValueError(
                f"batches ran out after {self._drawn}: pass a list, a DataLoader or a function step -> batch, "
                "which can be gone through again; a generator cannot."
            ) from None
        finally:
            randomness.restore(*before)

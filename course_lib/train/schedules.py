"""Learning-rate schedules: functions from step to a factor on the learning rate."""

import math
from collections.abc import Callable


def warmup_cosine(steps: int, *, warmup: int = 0, floor: float = 0.0) -> Callable[[int], float]:
    """Linear rise over `warmup` steps, then half a cosine down to `floor` at `steps`.

    Args:
        steps: length of the run.
        warmup: steps of the rise.
        floor: factor at the end.

    Returns:
        A function step -> factor in [floor, 1], for `train.fit(..., schedule=...)`.

    Raises:
        ValueError: warmup is not below steps.

    The decay is that of Loshchilov and Hutter, "SGDR" (2017), without restarts.

    >>> factor = warmup_cosine(100, warmup=10)
    >>> factor(0), factor(9), round(factor(55), 3), round(factor(100), 3)
    (0.1, 1.0, 0.5, 0.0)
    """
    if not 0 <= warmup < steps:
        raise ValueError(f"warmup={warmup} must lie between 0 and steps={steps}.")

    def factor(step: int) -> float:
        if step < warmup:
            return (step + 1) / warmup
        progress = min(1.0, (step - warmup) / (steps - warmup))
        return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * progress))

    return factor

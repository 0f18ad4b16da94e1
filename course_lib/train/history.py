"""What a training run leaves behind."""

import math
from dataclasses import dataclass, field


class TrainingDiverged(FloatingPointError):
    """The loss or its gradient became nan or infinite; the message names the step and what to try."""


@dataclass
class History:
    """The course of one run.

    Attributes:
        steps: number of each step, from 1.
        loss: training loss of each step, before the update that the step made.
        validation: (step, value) pairs, lower is better.
        seconds: time spent training, in seconds, over all resumed parts.
        best_step: step of the best validation value, whose weights the model holds at the end; None without validation.
        resumed_from: step at which a checkpoint was picked up; 0 for a fresh run.
        interrupted: the run was stopped by Ctrl-C.
        stopped_early: the validation value had not improved for `patience` validations.
    """

    steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    validation: list[tuple[int, float]] = field(default_factory=list)
    seconds: float = 0.0
    best_step: int | None = None
    resumed_from: int = 0
    interrupted: bool = False
    stopped_early: bool = False

    def table(self, points: int = 5) -> list[dict]:
        """Rows for `ui.table`: the mean loss of `points` equal stretches of the run, and the validation at their ends.

        Returns:
            Rows with "steps", "loss" and, if there was validation, "validation" (the last value up to there).
        """
        points = min(points, len(self.steps))
        rows = []
        for i in range(points):
            first, last = i * len(self.steps) // points, (i + 1) * len(self.steps) // points
            row = {
                "steps": f"{self.steps[first]}–{self.steps[last - 1]}",
                "loss": math.fsum(self.loss[first:last]) / (last - first),
            }
            if self.validation:
                seen = [value for step, value in self.validation if step <= self.steps[last - 1]]
                row["validation"] = seen[-1] if seen else None
            rows.append(row)
        return rows

    def _repr_html_(self) -> str:
        return f"<p>{self}</p>"

    def __str__(self) -> str:
        if not self.steps:
            return "No step was made."
        tail = self.loss[-max(1, len(self.loss) // 20) :]
        words = f"{self.steps[-1]} steps in {self.seconds:.0f} s, loss {math.fsum(tail) / len(tail):.4g}"
        if self.best_step is not None:
            words += f", best validation {dict(self.validation)[self.best_step]:.4g} at step {self.best_step}"
        words += ", stopped early" if self.stopped_early else ""
        return words + (", interrupted." if self.interrupted else ".")

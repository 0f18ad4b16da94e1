"""Saving a run to its checkpoint and picking it up again."""

from pathlib import Path

import torch
from accelerate import Accelerator
from accelerate.utils import gather_object

from course_lib.train import checkpoint as files
from course_lib.train import randomness
from course_lib.train.early_stop import Best
from course_lib.train.history import History


class RunState:
    """Everything that changes during a run: weights, optimizer, generators, history, best weights.

    Args:
        path: the checkpoint file, or None to keep none.
        settings: what must be equal for a checkpoint to be taken up (seed, learning rate, ...).
    """

    def __init__(
        self,
        path: str | Path | None,
        *,
        accelerator: Accelerator,
        model: torch.nn.Module,
        optimizer: torch.optim.Optimizer,
        history: History,
        best: Best,
        settings: dict,
    ):
        self.path = None if path is None else Path(path)
        self.accelerator, self.model, self.optimizer = accelerator, model, optimizer
        self.history, self.best, self.settings = history, best, settings

    def save(self) -> None:
        """Write the checkpoint (by the main process); does nothing without a path."""
        if self.path is None:
            return
        random_states = [randomness.capture()]
        if self.accelerator.num_processes > 1:
            random_states = gather_object(random_states)
        if self.accelerator.is_main_process:
            files.save(self.path, self._snapshot(random_states))
        self.accelerator.wait_for_everyone()

    def _snapshot(self, random_states: list) -> files.Snapshot:
        optimizer_tensors, optimizer_plain = files.pack_optimizer(self.optimizer.state_dict())
        history, scaler = self.history, self.accelerator.scaler
        snapshot = files.Snapshot()
        snapshot.tensors = {"model": self.model.state_dict(), "optimizer": optimizer_tensors, "best": self.best.weights}
        snapshot.tensors |= {f"random{rank}": tensors for rank, (tensors, _) in enumerate(random_states)}
        snapshot.plain = {
            "settings": self.settings,
            "optimizer": optimizer_plain,
            "scaler": None if scaler is None else scaler.state_dict(),
            "random": [plain for _, plain in random_states],
            "best": self.best.plain(),
            "history": {
                "loss": history.loss,
                "validation": history.validation,
                "seconds": history.seconds,
                "stopped_early": history.stopped_early,
            },
        }
        return snapshot

    def resume(self, steps: int) -> dict | None:
        """Put weights, optimizer, history and best weights back, if the checkpoint exists.

        Returns:
            The generators' state for `randomness.restore`, to be put back last; None for a fresh run.

        Raises:
            CheckpointError: the file is damaged, belongs to another run, or is longer than `steps`.
        """
        if self.path is None or not self.path.exists():
            return None
        found = files.load(self.path)
        plain, tensors = found.plain, found.tensors
        files.check_same_run(self.path, plain["settings"], self.settings)
        loss = plain["history"]["loss"]
        if len(loss) > steps:
            raise files.CheckpointError(
                f"{self.path} is at step {len(loss)}, this run ends at {steps}: delete the file, or ask for more steps."
            )
        files.load_weights(self.model, tensors.get("model", {}), self.path)
        self.optimizer.load_state_dict(files.unpack_optimizer(tensors.get("optimizer", {}), plain["optimizer"]))
        if self.accelerator.scaler is not None and plain["scaler"] is not None:
            self.accelerator.scaler.load_state_dict(plain["scaler"])
        self.best.load(plain["best"], tensors.get("best", {}))
        history = self.history
        history.loss, history.steps = loss, list(range(1, len(loss) + 1))
        history.validation = [(step, value) for step, value in plain["history"]["validation"]]
        history.seconds = plain["history"]["seconds"]
        history.stopped_early = plain["history"]["stopped_early"]
        history.resumed_from = len(loss)
        rank = self.accelerator.process_index
        return {"tensors": tensors[f"random{rank}"], "plain": plain["random"][rank]}

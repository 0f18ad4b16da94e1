"""The training loop: read `_train` from top to bottom, it is all there is.

Written around accelerate, which places model and batches on the device, casts for mixed precision, and averages the
gradients of several processes (`accelerate launch --num_processes 2 script.py`).
"""

import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import send_to_device, set_seed
from torch import Tensor, nn

from course_lib.train import randomness
from course_lib.train.batches import Batches
from course_lib.train.early_stop import Best
from course_lib.train.history import History, TrainingDiverged
from course_lib.train.interrupt import finish_the_step
from course_lib.train.precision import make_accelerator, matmul_precision, release
from course_lib.train.progress import Progress
from course_lib.train.run_state import RunState


def fit(
    model: nn.Module,
    batches: Callable[[int], Any] | Iterable[Any],
    loss_fn: Callable[[nn.Module, Any], Tensor],
    *,
    steps: int,
    lr: float = 1e-3,
    optimizer: torch.optim.Optimizer | None = None,
    schedule: Callable[[int], float] | None = None,
    seed: int = 0,
    clip: float | None = 5.0,
    validate: Callable[[nn.Module], float] | None = None,
    validate_every: int | None = None,
    patience: int | None = None,
    checkpoint: str | Path | None = None,
    checkpoint_every: int | None = None,
    precision: str | None = None,
    description: str = "",
) -> History:
    """Train `model` in place for `steps` steps; it ends on the device, in evaluation mode.

    Args:
        model: the module; with several processes call it as `model(...)`, not by its methods.
        batches: a function step -> batch, the step counted from 0 (then a resumed run is exact whatever the batches
            draw), or an iterable such as a list or a DataLoader, gone through again and again.
        loss_fn: (model, batch on the device) -> scalar tensor.
        steps: updates to make, those of the checkpoint included.
        lr: learning rate of Adam, used if `optimizer` is None.
        optimizer: any torch optimizer over the model's parameters.
        schedule: step -> factor on the learning rate, such as `train.warmup_cosine(steps)`.
        seed: seeds Python, numpy and torch at the start.
        clip: largest norm of the gradient; None does not clip.
        validate: model -> number, lower is better; called without gradient in evaluation mode. At the end the model
            holds its best weights.
        validate_every: steps between validations; a tenth of the run if None.
        patience: stop after so many validations without improvement.
        checkpoint: a file; if it exists the run goes on from there, bit for bit on a CPU. Delete it to start afresh.
        checkpoint_every: steps between writes; a tenth of the run if None. The end and Ctrl-C always write.
        precision: "float32", "tf32", "bf16" or "fp16"; float32 if None.
        description: name of the run in the progress bar.

    Returns:
        The `History`. Ctrl-C ends the step, saves and returns it with `interrupted` set.

    Raises:
        TrainingDiverged: the loss or gradient is nan or infinite; the weights are those before that step.
        CheckpointError: the checkpoint is damaged, belongs to another run or cannot be written.
        ValueError: bad arguments.

    Used from unit 00_start on.
    """
    _check(steps=steps, validate_every=validate_every, checkpoint_every=checkpoint_every, patience=patience)
    accelerator = make_accelerator(precision)
    set_seed(seed, device_specific=True)
    optimizer = optimizer or torch.optim.Adam(model.parameters(), lr=lr)
    for group in optimizer.param_groups:
        group.setdefault("initial_lr", group["lr"])
    settings = {
        "seed": seed, "clip": clip, "precision": precision, "processes": accelerator.num_processes,
        "optimizer": type(optimizer).__name__, "lr": [group["initial_lr"] for group in optimizer.param_groups],
    }  # fmt: skip
    wrapped, prepared = accelerator.prepare(model, optimizer)
    state = RunState(
        checkpoint, accelerator=accelerator, model=model, optimizer=optimizer, history=History(), best=Best(patience),
        settings=settings,
    )  # fmt: skip
    source = Batches(batches, seed=seed, rank=accelerator.process_index, world=accelerator.num_processes)
    resumed = state.resume(steps)
    if resumed:
        source.skip(state.history.resumed_from)
        randomness.restore(**resumed)
        accelerator.print(_resume_note(checkpoint, state.history.resumed_from, steps))
    try:
        with matmul_precision(precision):
            _train(
                wrapped, prepared, source, loss_fn, state, steps=steps, schedule=schedule, clip=clip,
                validate=validate, validate_every=validate_every or max(1, steps // 10),
                checkpoint_every=checkpoint_every or max(1, steps // 10), description=description,
            )  # fmt: skip
    finally:
        release(model, wrapped, accelerator)
    state.best.restore(model)
    state.history.best_step = state.best.step
    return state.history


def _train(
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Batches,
    loss_fn: Callable[[nn.Module, Any], Tensor],
    state: RunState,
    *,
    steps: int,
    schedule: Callable[[int], float] | None,
    clip: float | None,
    validate: Callable[[nn.Module], float] | None,
    validate_every: int,
    checkpoint_every: int,
    description: str,
) -> None:
    accelerator, history, best = state.accelerator, state.history, state.best
    first, earlier, started = history.resumed_from, history.seconds, time.perf_counter()
    progress = Progress(first=first, steps=steps, description=description, silent=not accelerator.is_main_process)
    with finish_the_step() as interrupt, progress as bar:
        model.train()
        for step in range(first, steps):
            if history.stopped_early:
                break
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * (schedule(step) if schedule else 1.0)
            batch = send_to_device(batches(step), accelerator.device)
            optimizer.zero_grad()
            loss = loss_fn(model, batch)
            value = _finite_loss(loss, step, accelerator, history)
            accelerator.backward(loss)
            if clip is not None:
                norm = accelerator.clip_grad_norm_(model.parameters(), clip)
                _check_gradient(norm, step, accelerator, history)
            optimizer.step()

            done = step + 1
            history.steps.append(done)
            history.loss.append(value)
            if validate and (done % validate_every == 0 or done == steps):
                history.validation.append((done, _validate(validate, state)))
                best.update(done, history.validation[-1][1], state.model)
                history.stopped_early = best.exhausted and done < steps
            history.seconds = earlier + time.perf_counter() - started
            history.interrupted = _anyone(bool(interrupt), accelerator)
            bar.update(value, history.validation[-1][1] if history.validation else None)
            if done % checkpoint_every == 0 or done == steps or history.stopped_early or history.interrupted:
                state.save()
            if history.interrupted:
                break


def _resume_note(path: str | Path, done: int, steps: int) -> str:
    if done == steps:
        return f"{path} holds this run, all {steps} steps of it. Delete it to train again."
    return f"{path}: goes on after step {done} of {steps}."


def _check(*, steps: int, **counts: int | None) -> None:
    for name, value in {"steps": steps, **counts}.items():
        if value is not None and (isinstance(value, bool) or int(value) != value or value < 1):
            raise ValueError(f"{name}={value!r}: give a whole number of at least 1.")


def _finite_loss(loss: Tensor, step: int, accelerator: Accelerator, history: History) -> float:
    """The loss as a number, averaged over the processes; raises before anything was updated if it is not finite."""
    if not isinstance(loss, Tensor) or loss.numel() != 1 or not loss.requires_grad:
        got = f"shape {tuple(loss.shape)}" if isinstance(loss, Tensor) else type(loss).__name__
        raise ValueError(f"loss_fn must return a scalar tensor with a gradient, got {got}: .mean() it, no .item().")
    value = loss.detach().float().reshape(())
    if accelerator.num_processes > 1:
        value = accelerator.reduce(value, "mean")
    if not math.isfinite(value.item()):
        raise _diverged("loss", value.item(), step, history)
    return value.item()


def _check_gradient(norm: Tensor, step: int, accelerator: Accelerator, history: History) -> None:
    """fp16 is left alone: its scaler meets infinite gradients by skipping the step and lowering the scale."""
    if accelerator.scaler is None and not math.isfinite(float(norm)):
        raise _diverged("gradient", float(norm), step, history)


def _diverged(what: str, value: float, step: int, history: History) -> TrainingDiverged:
    last = f"the loss before was {history.loss[-1]:.4g}" if history.loss else "this was the first step"
    return TrainingDiverged(
        f"the {what} is {value} at step {step + 1} ({last}); the weights are those before it. Try a smaller lr or "
        "clip, look for log, sqrt or a division at 0 in the loss (add an eps inside), and check this batch for nan or "
        "silence."
    )


@torch.no_grad()
def _validate(validate: Callable[[nn.Module], float], state: RunState) -> float:
    """The validation value, the same in all processes; what it draws at random does not move the training."""
    before = randomness.capture()
    state.model.eval()
    value = torch.tensor(float(validate(state.model)), dtype=torch.float64)
    state.model.train()
    randomness.restore(*before)
    if state.accelerator.num_processes > 1:
        value = state.accelerator.reduce(value.float().to(state.accelerator.device), "mean")
    return float(value)


def _anyone(flag: bool, accelerator: Accelerator) -> bool:
    """Whether the flag is set in any process, so that all leave the loop at the same step."""
    if accelerator.num_processes == 1:
        return flag
    return bool(accelerator.reduce(torch.tensor(float(flag), device=accelerator.device), "sum") > 0)

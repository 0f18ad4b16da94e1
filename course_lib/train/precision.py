"""Which arithmetic a run uses, and the Accelerator that provides it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import nn

from course_lib import device

MIXED = {None: None, "float32": "no", "tf32": "no", "bf16": "bf16", "fp16": "fp16"}


def make_accelerator(precision: str | None) -> Accelerator:
    """An Accelerator on the course's device.

    Args:
        precision: "float32", "tf32" (CUDA), "bf16" or "fp16" (CUDA, MPS); float32 if None, or what
            `accelerate launch --mixed_precision` asked for.

    Raises:
        ValueError: unknown precision, or one that the device does not have.
    """
    if precision not in MIXED:
        known = ", ".join(repr(name) for name in MIXED if name)
        raise ValueError(f"precision={precision!r} is unknown: use one of {known}, or None.")
    where = device.get()
    if (precision == "fp16" and where.type == "cpu") or (precision == "tf32" and where.type != "cuda"):
        raise ValueError(f"precision={precision!r} does not exist on {where.type}: use 'bf16' or None.")
    # accelerate keeps one state per process and refuses a second precision or device; a notebook trains many models.
    alone = int(os.environ.get("WORLD_SIZE", "1")) == 1
    AcceleratorState._reset_state(reset_partial_state=alone)
    if where.type == "cuda" and where.index is not None and alone:
        torch.cuda.set_device(where)
    return Accelerator(mixed_precision=MIXED[precision], cpu=where.type == "cpu")


def release(model: nn.Module, wrapped: nn.Module, accelerator: Accelerator) -> None:
    """Take off what `accelerator.prepare` put on `model`, and switch it to evaluation mode."""
    cast = "_original_forward" in vars(model)
    accelerator.unwrap_model(wrapped, keep_fp32_wrapper=False)
    if cast:  # accelerate leaves a bound method on the instance, which a subclass or a hook would not see
        vars(model).pop("forward", None)
    model.eval()


@contextmanager
def matmul_precision(precision: str | None) -> Iterator[None]:
    """Within the block float32 matrix products may use tf32 if `precision` is "tf32"."""
    before = torch.get_float32_matmul_precision()
    if precision == "tf32":
        torch.set_float32_matmul_precision("high")
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)

"""A training run in one safetensors file: weights, optimizer, generators and history; nothing in it can run code.

Tensors are stored under dotted names, everything else as JSON in the file's header.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

HEADER = "course"


class CheckpointError(ValueError):
    """A checkpoint is damaged, belongs to another run, or cannot be written; the message says what to do."""


@dataclass
class Snapshot:
    """Everything that decides how a run goes on: groups of named tensors, and plain data for JSON."""

    tensors: dict[str, dict[str, Tensor]] = field(default_factory=dict)
    plain: dict[str, Any] = field(default_factory=dict)


def save(path: Path, snapshot: Snapshot) -> None:
    """Write `snapshot` to `path`; at every moment the file is the old one or the new one, also after a kill.

    Raises:
        CheckpointError: the file cannot be written.
    """
    from safetensors.torch import save as to_bytes

    flat = {
        f"{group}.{name}": tensor.detach().cpu().contiguous().clone()
        for group, named in snapshot.tensors.items()
        for name, tensor in named.items()
    }
    temporary = path.with_name(path.name + ".tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(to_bytes(flat, metadata={HEADER: json.dumps(snapshot.plain)}))
            file.flush()
            os.fsync(file.fileno())  # the rename must not reach the disk before the content
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise CheckpointError(f"cannot write the checkpoint {path} ({error.strerror}): name another place.") from error


def load(path: Path) -> Snapshot:
    """Read what `save` wrote; tensors are on the CPU.

    Raises:
        CheckpointError: the file is damaged or is no checkpoint of this course.
    """
    from safetensors import SafetensorError, safe_open

    snapshot = Snapshot()
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            snapshot.plain = json.loads((file.metadata() or {})[HEADER])
            for key in file.keys():  # noqa: SIM118 (not a dict)
                group, _, name = key.partition(".")
                snapshot.tensors.setdefault(group, {})[name] = file.get_tensor(key)
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise CheckpointError(f"{path} is no readable checkpoint ({error}): delete it to start afresh.") from error
    return snapshot


def pack_optimizer(state_dict: dict) -> tuple[dict[str, Tensor], dict]:
    """An optimizer's state_dict as named tensors ("0.exp_avg") and plain data."""
    tensors: dict[str, Tensor] = {}
    plain: dict[str, dict] = {}
    for index, state in state_dict["state"].items():
        for key, value in state.items():
            if isinstance(value, Tensor):
                tensors[f"{index}.{key}"] = value
            else:
                plain.setdefault(str(index), {})[key] = value
    return tensors, {"state": plain, "param_groups": state_dict["param_groups"]}


def unpack_optimizer(tensors: dict[str, Tensor], plain: dict) -> dict:
    """The state_dict that `pack_optimizer` took apart."""
    state: dict[int, dict] = {int(index): dict(values) for index, values in plain["state"].items()}
    for name, tensor in tensors.items():
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = tensor
    return {"state": state, "param_groups": plain["param_groups"]}


def check_same_run(path: Path, found: dict, wanted: dict) -> None:
    """Raise unless a checkpoint was made with the settings of this run.

    Raises:
        CheckpointError: names the first setting that differs.
    """
    for name, value in wanted.items():
        if found.get(name) != value:
            raise CheckpointError(
                f"{path} belongs to a run with {name} = {found.get(name)}, this one has {name} = {value}: "
                "delete the file, or name another checkpoint."
            )


def load_weights(model: torch.nn.Module, weights: dict[str, Tensor], path: Path) -> None:
    """Load weights into a model.

    Raises:
        CheckpointError: names or shapes differ.
    """
    try:
        model.load_state_dict(weights)
    except RuntimeError as error:
        raise CheckpointError(
            f"{path} belongs to another model ({str(error).splitlines()[-1].strip()}): "
            "delete the file, or name another checkpoint."
        ) from error

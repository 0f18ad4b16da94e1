"""Trained weights that come with the course: small, with a card, made by a command that anyone can run again.

`course run NN_name --profile laptop --weights` trains the models of a unit and keeps them: each is one safetensors file
in float16 with its card in the header, and the card once more as a page to read. A student without a GPU, or without
five minutes, loads them with `models.pretrained(name)`.
"""

import datetime
import importlib
import json
import math
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

FOLDER = Path(__file__).parent / "weights"
KEEP_IN, COMMAND = "COURSE_WEIGHTS", "COURSE_COMMAND"
MOST_BYTES = 2_000_000
HEADER = "course_weights"
ARCHITECTURES = {
    "AttentionRecogniser": "course_lib.models.attention_recogniser",
    "CTCRecogniser": "course_lib.models.ctc_recogniser",
    "DNNHMM": "course_lib.models.dnn_hmm",
    "DeepSpeech": "course_lib.models.deep_speech",
    "TextInformedSeparator": "course_lib.models.text_informed_separation",
    "WaveNet": "course_lib.models.wavenet",
}
"""Classes that weights may name: nothing else is ever imported for them."""


class WeightsError(ValueError):
    """Weights are unknown, damaged, too large, or lack a fact of their card; the message says what to do."""


@dataclass(frozen=True)
class WeightsCard:
    """Where trained weights come from.

    Attributes:
        name: of the weights. model: class in `course_lib.models`. config: its constructor arguments.
        parameters: how many numbers were trained.
        data: what they were trained on. licence: of the data, and so of the weights.
        seed: of the run. score: what was measured, on what, in words.
        command: makes them again. date: of the run, ISO 8601.
    """

    name: str
    model: str
    config: dict[str, Any]
    parameters: int
    data: str
    licence: str
    seed: int
    score: str
    command: str
    date: str

    def __str__(self) -> str:
        config = ", ".join(f"{key}={value!r}" for key, value in self.config.items())
        facts = {
            "model": f"`{self.model}({config})`, {self.parameters:,} parameters", "data": self.data,
            "licence": self.licence, "score": self.score, "seed": self.seed, "made by": f"`{self.command}`",
            "date": self.date,
        }
        return f"# {self.name}\n\n" + "".join(f"- **{key}**: {value}\n" for key, value in facts.items())


def pretrained_names() -> list[str]:
    """The names that `pretrained` knows."""
    return sorted(path.stem for path in FOLDER.glob("*.safetensors"))


def pretrained(name: str, *, folder: Path | None = None) -> nn.Module:
    """A trained model that comes with the course, on the CPU, in evaluation mode, float32.

    Args:
        name: one of `pretrained_names()`.
        folder: where else to look.

    Raises:
        WeightsError: no such weights, or the file is damaged.
    """
    card, weights = _read(name, folder or FOLDER)
    try:
        model = getattr(importlib.import_module(ARCHITECTURES[card.model]), card.model)(**card.config)
        model.load_state_dict({
            key: tensor.float() if tensor.is_floating_point() else tensor for key, tensor in weights.items()
        })
    except (RuntimeError, TypeError, ValueError) as error:
        raise WeightsError(
            f"the weights {name!r} do not fit {card.model} any more ({str(error).splitlines()[-1].strip()}): "
            f"make them again with `{card.command}`."
        ) from error
    return model.eval()


def pretrained_card(name: str, *, folder: Path | None = None) -> WeightsCard:
    """Data, licence, seed, score and command of trained weights.

    Raises:
        WeightsError: no such weights, or the file is damaged.
    """
    return _read(name, folder or FOLDER)[0]


def keep_weights(
    name: str, model: nn.Module, *, data: str, licence: str, seed: int, score: str, command: str | None = None,
    folder: Path | None = None,
) -> Path | None:
    """Keep a trained model for `pretrained`, when the run was asked to (`course run … --weights`).

    Args:
        name: a file name without ending, such as "wavenet_digits".
        model: an instance of a class in `ARCHITECTURES` that holds its constructor arguments in `config`.
        data, licence, seed, score: facts for the card.
        command: makes the weights again; by default the `course run` in progress.
        folder: where to; by default the folder named in the environment variable COURSE_WEIGHTS.

    Returns:
        The file, or None if nobody asked for weights.

    Raises:
        WeightsError: the model is of an unknown class or too large, or a fact is missing.
    """
    where = folder or (Path(os.environ[KEEP_IN]) if os.environ.get(KEEP_IN) else None)
    if where is None:
        return None
    card = WeightsCard(
        name=name, model=type(model).__name__, config=dict(getattr(model, "config", {})),
        parameters=sum(p.numel() for p in model.parameters()), data=data, licence=licence, seed=seed, score=score,
        command=command or os.environ.get(COMMAND, ""), date=datetime.date.today().isoformat(),
    )
    _expect_whole(card)
    return _write(card, model, where)


def _expect_whole(card: WeightsCard) -> None:
    if card.model not in ARCHITECTURES:
        raise WeightsError(f"{card.model} is not in ARCHITECTURES of course_lib/models/trained_weights.py: add it.")
    missing = [key for key, value in asdict(card).items() if value in ("", None)]
    if missing:
        raise WeightsError(f"the card of the weights {card.name!r} lacks: {', '.join(missing)}.")


def _write(card: WeightsCard, model: nn.Module, folder: Path) -> Path:
    from safetensors.torch import save

    state = {
        key: (tensor.half() if tensor.is_floating_point() else tensor).detach().cpu().contiguous()
        for key, tensor in model.state_dict().items()
    }
    bad = [key for key, tensor in state.items() if tensor.is_floating_point() and not tensor.isfinite().all()]
    if bad:
        raise WeightsError(f"{bad[0]} of the weights {card.name!r} is not finite in float16: train with weight decay.")
    content = save(state, metadata={HEADER: json.dumps(asdict(card))})
    if len(content) > MOST_BYTES:
        raise WeightsError(
            f"the weights {card.name!r} take {len(content) / 1e6:.1f} MB, at most {MOST_BYTES / 1e6:.0f} MB may be "
            f"kept: that is about {math.floor(MOST_BYTES / 2e6)} million parameters."
        )
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{card.name}.safetensors"
    path.write_bytes(content)
    path.with_suffix(".md").write_text(str(card), encoding="utf-8")
    return path


def _read(name: str, folder: Path) -> tuple[WeightsCard, dict[str, torch.Tensor]]:
    from safetensors import SafetensorError, safe_open

    path = folder / f"{name}.safetensors"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in folder.glob("*.safetensors"))) or "none"
        raise WeightsError(f"there are no trained weights {name!r}; there are: {known}.")
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            card = WeightsCard(**json.loads((file.metadata() or {})[HEADER]))
            weights = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a dict)
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise WeightsError(f"{path.name} is damaged ({error}): fetch it again, or `course run` its unit.") from error
    if card.model not in ARCHITECTURES:
        raise WeightsError(f"{path.name} names the class {card.model!r}, which this version does not have.")
    return card, weights

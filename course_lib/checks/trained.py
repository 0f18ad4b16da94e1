"""Check a trained model: weights handed in as safetensors, loaded into the model, scored on data it has not seen.

The weights are data and are read by the trusted side; the model is the student's code and is reached by data only, so
the same check runs in the notebook on public examples and in the grader on held-out ones.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch

from course_lib.checks.core import CheckFailed, as_array, expect, passed, subject
from course_lib.checks.core.attachments import attached
from course_lib.checks.core.measure import measured
from course_lib.checks.core.values import Data

MAX_BYTES = 64 << 20
HELD_OUT_VARIABLE = "COURSE_HELD_OUT"

Example = tuple[Data, Data]
"""One input without a batch axis, and its target."""


def trained_model(
    answer, weights: str, examples: Iterable[Example], score: Callable[[list[np.ndarray], list[Data]], float],
    *, at_least: float, name: str = "score", unit: str = "", arguments: Sequence[Data] = (), batch: int = 32,
) -> None:
    """Build the model, load the weights, compute `score(outputs, targets)` and ask for `at_least`.

    Args:
        answer: the student's `nn.Module` class.
        weights: name of the safetensors file with the whole state of the model, at most 64 MiB, handed in beside the
            notebook.
        examples: (input, target) pairs; inputs have equal shapes and become float32 batches, batch axis first.
        score: larger is better; gets one output per example, as arrays, and the targets.
        at_least: the threshold. name, unit: of the score, for the message and the leaderboard.
        arguments: of the constructor.
        batch: examples per call; the outputs must not depend on it.

    Raises:
        CheckFailed: no weights, weights that do not fit, outputs that depend on the rest of the batch or are not
            finite, or a score below the threshold.
    """
    pairs = list(examples)
    model = subject(answer).build(*arguments)
    _load(model, read_weights(attached(weights)))
    model.train(False)
    outputs = _outputs(model, [x for x, _ in pairs], batch)
    _expect_independent(model, pairs[0][0], outputs[0])
    value = float(score(outputs, [target for _, target in pairs]))
    measured(name, value)
    shown = f"{value:.4g}{unit and ' '}{unit}"
    expect(
        value >= at_least,
        f"the {name} of your model on {len(pairs)} examples is {shown}; {at_least:.4g} is asked for. Does the model "
        "reach it on your own validation set, with weights saved after training and loaded into a fresh model?",
    )
    passed("trained_model", f"{name} {shown} on {len(pairs)} examples, at least {at_least:.4g} asked for")


def read_weights(path: Path) -> dict[str, np.ndarray]:
    """Every tensor of a safetensors file as an array; bfloat16 becomes float32.

    Raises:
        CheckFailed: it is too large, not safetensors, or holds values that are not finite.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load

    try:
        size = path.stat().st_size
        expect(
            size <= MAX_BYTES,
            f"{path.name} has {size / 2**20:.0f} MiB; at most {MAX_BYTES >> 20} are accepted: save float16, or build a "
            "smaller model.",
        )
        tensors = load(path.read_bytes())
    except (SafetensorError, OSError, ValueError) as error:
        raise CheckFailed(
            f"{path.name} is not a safetensors file ({error}): write it with safetensors.torch.save_file("
            f'model.state_dict(), "{path.name}"), not with torch.save.'
        ) from None
    arrays = {name: as_array(tensor, name) for name, tensor in tensors.items()}
    for name, array in arrays.items():
        expect(np.isfinite(array).all(), f"{name} in {path.name} holds NaN or infinite values: did training diverge?")
    return arrays


def held_out(name: str) -> dict[str, torch.Tensor]:
    """Tensors of a held-out set by name, from the instructor's folder COURSE_HELD_OUT; only hidden tests call this.

    Raises:
        CheckFailed: this machine has no such folder: the set stays with the instructor.
    """
    from safetensors.torch import load_file

    folder = os.environ.get(HELD_OUT_VARIABLE)
    file = Path(folder or ".") / f"{name}.safetensors"
    if not folder or not file.exists():
        raise CheckFailed(f"the held-out set {name!r} stays with the instructor: it is used when you have handed in.")
    return load_file(file)


def accuracy(outputs: list[np.ndarray], targets: list[Data]) -> float:
    """Share of examples whose largest output stands at the target's index, 0 to 1."""
    return float(np.mean([int(np.argmax(o)) == int(t) for o, t in zip(outputs, targets, strict=True)]))


def _load(model, weights: dict[str, np.ndarray]) -> None:
    missing = sorted(set(model.parameters()) - set(weights))
    expect(
        not missing,
        f"the file of weights lacks {', '.join(missing[:4])}{' …' if len(missing) > 4 else ''}: save the whole "
        "model.state_dict() of the class that you hand in.",
    )
    model.load(weights)


def _outputs(model, inputs: list[Data], batch: int) -> list[np.ndarray]:
    outputs: list[np.ndarray] = []
    for start in range(0, len(inputs), batch):
        x = torch.stack([torch.as_tensor(as_array(v), dtype=torch.float32) for v in inputs[start : start + batch]])
        y = as_array(model.forward(x), "the output of your model")
        expect(y.ndim >= 1 and len(y) == len(x), f"a batch of {len(x)} inputs should give {len(x)} outputs, got "
               f"shape {y.shape}: is the batch axis the first?")
        expect(np.isfinite(y).all(), "the output of your model holds NaN or infinite values.")
        outputs.extend(y)
    return outputs


def _expect_independent(model, x: Data, together: np.ndarray) -> None:
    alone = _outputs(model, [x], 1)[0]
    expect(
        alone.shape == together.shape and np.allclose(alone, together, rtol=1e-3, atol=1e-4),
        "one example alone gives another output than the same example in a batch: does the model look at its "
        "neighbours, or is dropout or batch normalisation active in evaluation mode?",
    )

"""Train the conditional WaveNet of unit 15_wavenet for longer than the notebook does, and keep its weights.

    python -m course_lib.models.digit_wavenet [--steps 3000] [--seed 0] [--start FOLDER]

Some ten minutes on one quiet core. A step: two crops, the bits of their samples, Adam. Two things are meant to make
the network listen to the pitch it is asked for. The recordings are played at five speeds, so that the speaker's name
does not tell the pitch. And the past that the network hears is noisy in half of the crops, so that the past does not
tell all. `--start` goes on from the weights in a folder, which may know fewer local features.

Derived in unit 15_wavenet. Papers: A. van den Oord et al., "WaveNet: a generative model for raw audio", 2016.
"""

import argparse
import math
import time

import numpy as np
import torch
from torch import Tensor

from course_lib import data
from course_lib.models.speech_plan import (
    FEATURES,
    Planned,
    collate,
    crops,
    plan,
    usual_pitch,
    without_octave_errors,
)
from course_lib.models.trained_weights import FOLDER, keep_weights
from course_lib.models.wavenet import WaveNet, past_of

SPEAKERS = ("george", "jackson")
TRAIN_TAKES, TEST_TAKES = range(10, 50), range(5)
CROP, BATCH = 2000, 2
"""Samples per training example, about the receptive field, and examples per step."""

RATE = 5e-3
"""Highest learning rate."""


def digit_wavenet(*, conditional: bool = True) -> WaveNet:
    """The network of the unit: 20 blocks of 32 channels; speaker and digit as global, the plan as local condition."""
    if not conditional:
        return WaveNet()
    return WaveNet(global_size=10 + len(SPEAKERS), local_size=FEATURES, local_channels=32)


def mean_bits(model: WaveNet, batch: dict[str, Tensor]) -> Tensor:
    """Bits per sample of a batch of `crops` or `collate`, without what is padded."""
    condition = (batch["world"], batch["local"]) if model.upsample is not None else ()
    return (model.bits(batch["classes"], *condition) * batch["mask"]).sum() / batch["mask"].sum()


def noisy_bits(model: WaveNet, batch: dict[str, Tensor], rng: np.random.Generator, largest: float) -> Tensor:
    """`mean_bits`, with noise on the past in about half of the examples.

    Args:
        largest: standard deviation of the noise, on the logarithmic scale from -1 to 1 (0.04: five classes).
    """
    classes = batch["classes"]
    past = past_of(classes, model.classes)
    scale = rng.uniform(-largest, largest, (len(past), 1)).clip(min=0)
    noise = torch.from_numpy(scale * rng.standard_normal(past.shape)).float()
    logits = model((past + noise).clamp(-1, 1), batch["world"], batch["local"])
    loss = torch.nn.functional.cross_entropy(logits, classes, reduction="none") / math.log(2)
    return (loss * batch["mask"]).sum() / batch["mask"].sum()


@torch.no_grad()
def test_bits(model: WaveNet, utterances: list[Planned]) -> float:
    """Bits per sample over whole recordings, every sample counted once."""
    total = count = 0.0
    for utterance in utterances:
        samples = len(utterance.classes)
        total += samples * float(mean_bits(model, collate([utterance], SPEAKERS)))
        count += samples
    return total / count


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speeds", type=int, nargs="+", default=[0], help="semitones faster and slower")
    parser.add_argument("--noise", type=float, default=0.0, help="on the past, largest standard deviation")
    options = parser.parse_args()
    takes = data.spoken_digits(speakers=SPEAKERS, takes=TRAIN_TAKES)
    measured = [plan(take) for take in takes]
    natural = without_octave_errors(measured, usual_pitch(measured))
    training = [u.played(semitones) for u in natural for semitones in options.speeds]
    held_out = [plan(take) for take in data.spoken_digits(speakers=SPEAKERS, takes=TEST_TAKES)]
    torch.manual_seed(options.seed)
    model, started = digit_wavenet(), time.perf_counter()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE, betas=(0.9, 0.99))
    losses = []
    for step in range(options.steps):
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * step / options.steps))
            group["lr"] = RATE * min((step + 1) / 50, 0.01 + cosine)
        rng = np.random.default_rng((options.seed, step))
        batch = crops(training, SPEAKERS, rng, batch=BATCH, samples=CROP)
        loss = noisy_bits(model, batch, rng, options.noise)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        losses.append(loss.item())
        if (step + 1) % 100 == 0:
            print(f"{step + 1:6} {np.mean(losses[-100:]):.3f} bits {time.perf_counter() - started:.0f} s", flush=True)
    bits = test_bits(model.eval(), held_out)
    card = {
        "data": f"{len(natural)} recordings of {' and '.join(SPEAKERS)}, takes 10 to 49, without octave errors, at "
                f"{len(options.speeds)} speed(s) (Free Spoken Digit Dataset)",
        "licence": "CC BY-SA 4.0, as the data", "seed": options.seed,
        "score": f"{bits:.3f} bits per sample on takes 0 to 4 of the same speakers, {options.steps} steps",
        "command": f"python -m course_lib.models.digit_wavenet --steps {options.steps} --seed {options.seed} "
                   f"--speeds {' '.join(map(str, options.speeds))} --noise {options.noise:g}",
    }
    print(keep_weights("wavenet_digits", model, folder=FOLDER, **card), card["score"])


if __name__ == "__main__":
    main()

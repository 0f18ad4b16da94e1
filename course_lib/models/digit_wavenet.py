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
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from course_lib import data
from course_lib.models.speech_plan import (
    FEATURES,
    PER_OCTAVE,
    PITCH,
    Planned,
    collate,
    crops,
    plan,
    usual_pitch,
    without_octave_errors,
)
from course_lib.models.trained_weights import FOLDER, keep_weights, pretrained, pretrained_card
from course_lib.models.wavenet import WaveNet, past_of

SPEAKERS = ("george", "jackson")
TRAIN_TAKES, TEST_TAKES = range(10, 50), range(5)
CROP, BATCH = 2000, 2
"""Samples per training example, about the receptive field, and examples per step."""

SPEEDS = (-4, -2, 0, 2, 4)
"""Semitones by which the recordings are played faster and slower."""

NOISE = 0.04
"""Largest standard deviation of the noise on the past, on the logarithmic scale from -1 to 1: five classes."""


def digit_wavenet(*, conditional: bool = True) -> WaveNet:
    """The network of the unit: 20 blocks of 32 channels; speaker and digit as global, the plan as local condition."""
    if not conditional:
        return WaveNet()
    return WaveNet(global_size=10 + len(SPEAKERS), local_size=FEATURES, local_channels=32)


def mean_bits(model: WaveNet, batch: dict[str, Tensor]) -> Tensor:
    """Bits per sample of a batch of `crops` or `collate`, without what is padded."""
    condition = (batch["world"], batch["local"]) if model.upsample is not None else ()
    return (model.bits(batch["classes"], *condition) * batch["mask"]).sum() / batch["mask"].sum()


def noisy_bits(model: WaveNet, batch: dict[str, Tensor], rng: np.random.Generator) -> Tensor:
    """`mean_bits`, with noise on the past in about half of the examples."""
    classes = batch["classes"]
    past = past_of(classes, model.classes)
    scale = rng.uniform(-NOISE, NOISE, (len(past), 1)).clip(min=0)
    noise = torch.from_numpy(scale * rng.standard_normal(past.shape)).float()
    logits = model((past + noise).clamp(-1, 1), batch["world"], batch["local"])
    loss = torch.nn.functional.cross_entropy(logits, classes, reduction="none") / math.log(2)
    return (loss * batch["mask"]).sum() / batch["mask"].sum()


@torch.no_grad()
def widened(old: WaveNet) -> WaveNet:
    """`digit_wavenet` that computes what `old`, whose pitch was in octaves, does; what is new starts with no effect."""
    model = digit_wavenet()
    weights, size, features = model.state_dict(), old.config["local_channels"], old.config["local_size"]
    for name, value in old.state_dict().items():
        new = weights[name]
        if name == "upsample.frames.weight":
            new[:size] = 0.0
            new[:size, :features] = value
            if features < FEATURES:
                new[:size, PITCH] /= PER_OCTAVE
        elif name.startswith("upsample.steps") and new.ndim == 3:
            new[size:, :size] = new[:size, size:] = 0.0
            new[:size, :size] = value
        else:
            if name.endswith("of_local.weight"):
                new.zero_()
            new[tuple(slice(n) for n in value.shape)] = value
    return model


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
    parser.add_argument("--rate", type=float, default=5e-3, help="highest learning rate")
    parser.add_argument("--start", type=Path, help="a folder with weights to go on from")
    options = parser.parse_args()
    takes = data.spoken_digits(speakers=SPEAKERS, takes=TRAIN_TAKES)
    measured = [plan(take) for take in takes]
    natural = without_octave_errors(measured, usual_pitch(measured))
    training = [u.played(semitones) for u in natural for semitones in SPEEDS]
    held_out = [plan(take) for take in data.spoken_digits(speakers=SPEAKERS, takes=TEST_TAKES)]
    torch.manual_seed(options.seed)
    model = widened(pretrained("wavenet_digits", folder=options.start)) if options.start else digit_wavenet()
    model, started = model.train().requires_grad_(True), time.perf_counter()
    optimizer = torch.optim.Adam(model.parameters(), lr=options.rate, betas=(0.9, 0.99))
    losses = []
    for step in range(options.steps):
        for group in optimizer.param_groups:
            cosine = 0.5 * (1 + math.cos(math.pi * step / options.steps))
            group["lr"] = options.rate * min((step + 1) / 50, 0.01 + cosine)
        rng = np.random.default_rng((options.seed, step))
        loss = noisy_bits(model, crops(training, SPEAKERS, rng, batch=BATCH, samples=CROP), rng)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        losses.append(loss.item())
        if (step + 1) % 100 == 0:
            print(f"{step + 1:6} {np.mean(losses[-100:]):.3f} bits {time.perf_counter() - started:.0f} s", flush=True)
    bits = test_bits(model.eval(), held_out)
    start = more = ""
    if options.start:
        first = pretrained_card("wavenet_digits", folder=options.start)
        start, more = " --start FOLDER", f", going on from FOLDER: weights of {first.date} by `{first.command}`"
    card = {
        "data": f"{len(natural)} recordings of {' and '.join(SPEAKERS)}, takes 10 to 49, without octave errors, at "
                f"{len(SPEEDS)} speeds (Free Spoken Digit Dataset)",
        "licence": "CC BY-SA 4.0, as the data", "seed": options.seed,
        "score": f"{bits:.3f} bits per sample on takes 0 to 4 of the same speakers, {options.steps} steps{more}",
        "command": f"python -m course_lib.models.digit_wavenet --steps {options.steps} --seed {options.seed} "
                   f"--rate {options.rate:g}{start}",
    }
    print(keep_weights("wavenet_digits", model, folder=FOLDER, **card), card["score"])


if __name__ == "__main__":
    main()

"""Train the conditional WaveNet of unit 15_wavenet for longer than the notebook does, and keep its weights.

    python -m course_lib.models.digit_wavenet [--steps 3000] [--seed 0] [--speeds 0] [--formants moved] [--noise 0]

A step: two crops, the bits of their samples, Adam. Two things, both off unless asked for, are meant to make the network
listen to the pitch it is asked for. `--speeds -4 -2 0 2 4` adds the recordings at other pitches, so that the speaker's
name does not tell the pitch: merely played faster and slower, or with `--formants kept` with the formants put back, so
that the speaker stays the same. `--noise 0.04` disturbs the past in half of the crops, so that the past does not tell
all.

Derived in unit 15_wavenet. Papers: A. van den Oord et al., "WaveNet: a generative model for raw audio", 2016.
"""

import argparse
import math
import time

import numpy as np
import torch
from torch import Tensor

from course_lib import data
from course_lib.models.sample_rnn import SampleRNN
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


def mean_bits(model: WaveNet | SampleRNN, batch: dict[str, Tensor]) -> Tensor:
    """Bits per sample of a batch of `crops` or `collate`, without what is padded."""
    return _mean(model.bits(batch["classes"], *_condition(model, batch)), batch)


def noisy_bits(model: WaveNet, batch: dict[str, Tensor], rng: np.random.Generator, largest: float) -> Tensor:
    """`mean_bits`, with noise on the past in about half of the examples.

    Args:
        largest: standard deviation of the noise, on the logarithmic scale from -1 to 1 (0.04: five classes).
    """
    past = past_of(batch["classes"], model.classes)
    scale = rng.uniform(-largest, largest, (len(past), 1)).clip(min=0)
    noise = torch.from_numpy(scale * rng.standard_normal(past.shape)).float()
    bits = model.bits(batch["classes"], *_condition(model, batch), past=(past + noise).clamp(-1, 1))
    return _mean(bits, batch)


@torch.no_grad()
def whole_bits(model: WaveNet | SampleRNN, utterances: list[Planned]) -> float:
    """Bits per sample over whole recordings, every sample counted once."""
    total = count = 0.0
    for utterance in utterances:
        samples = len(utterance.classes)
        total += samples * float(mean_bits(model, collate([utterance], SPEAKERS)))
        count += samples
    return total / count


def _condition(model: WaveNet | SampleRNN, batch: dict[str, Tensor]) -> tuple[Tensor, ...]:
    conditioned = isinstance(model, WaveNet) and model.upsample is not None
    return (batch["world"], batch["local"]) if conditioned else ()


def _mean(bits: Tensor, batch: dict[str, Tensor]) -> Tensor:
    return (bits * batch["mask"]).sum() / batch["mask"].sum()


def main() -> None:
    """See the head of this file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speeds", type=int, nargs="+", default=[0], help="pitches of the recordings, in semitones")
    parser.add_argument("--formants", choices=("moved", "kept"), default="moved", help="when the pitch is moved")
    parser.add_argument("--noise", type=float, default=0.0, help="on the past, largest standard deviation")
    options = parser.parse_args()
    takes = data.spoken_digits(speakers=SPEAKERS, takes=TRAIN_TAKES)
    measured = [plan(take) for take in takes]
    natural = without_octave_errors(measured, usual_pitch(measured))
    at_pitch = Planned.sung if options.formants == "kept" else Planned.played
    training = [at_pitch(u, semitones) for u in natural for semitones in options.speeds]
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
    bits = whole_bits(model.eval(), held_out)
    card = {
        "data": f"{len(natural)} recordings of {' and '.join(SPEAKERS)}, takes 10 to 49, without octave errors, at "
                f"{len(options.speeds)} speed(s){', formants kept' * (options.formants == 'kept')} (Free Spoken Digit "
                "Dataset)",
        "licence": "CC BY-SA 4.0, as the data", "seed": options.seed,
        "score": f"{bits:.3f} bits per sample on takes 0 to 4 of the same speakers, {options.steps} steps",
        "command": f"python -m course_lib.models.digit_wavenet --steps {options.steps} --seed {options.seed} "
                   f"--speeds {' '.join(map(str, options.speeds))} --formants {options.formants} "
                   f"--noise {options.noise:g}",
    }
    print(keep_weights("wavenet_digits", model, folder=FOLDER, **card), card["score"])


if __name__ == "__main__":
    main()

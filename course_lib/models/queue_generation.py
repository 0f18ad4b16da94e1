"""Generation with a WaveNet and one queue per layer, as plainly as it can be written.

Each layer keeps its last d inputs, d its dilation: one goes out, the present one goes in. `models.generate` draws the
same samples with fewer and larger operations; this is the loop that it is measured against.

Derived in unit 15_wavenet. Papers: T. L. Paine et al., "Fast WaveNet generation algorithm", 2016.
"""

import math
from collections import deque

import torch
from torch import Tensor

from course_lib.models.wavenet import WaveNet
from course_lib.models.wavenet_generation import pick_class
from course_lib.signal.mu_law import class_position


@torch.inference_mode()
def generate_with_queues(
    model: WaveNet, uniform: Tensor, world: Tensor | None = None, local: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Draw a batch of sounds from silence on: (batch, samples) classes and (batch, classes, samples) logits.

    Args:
        model: a `WaveNet` of kernel 2.
        uniform: (batch, samples) numbers in [0, 1), one for each sample to draw.
        world: (batch, features); local: (batch, features, frames): the condition, where the model has one.

    Raises:
        ValueError: another kernel than 2.
    """
    if model.kernel != 2:
        raise ValueError(f"the queues are written for kernel 2, the model has {model.kernel}")
    y = None if model.upsample is None else model.upsample(local)
    heard = uniform.new_zeros(len(uniform), 1, 1)
    queues = [deque([torch.zeros_like(model.input(heard))] * d) for d in model.dilations]
    classes, found = [], []
    for t in range(uniform.shape[1]):
        x, skips = model.input(heard), 0.0                                 # (batch, channels, 1)
        now = None if y is None else y[..., t : t + 1]
        for block, queue in zip(model.blocks, queues, strict=True):
            both = torch.cat([queue.popleft(), x], -1)                     # d samples ago, and now
            queue.append(x)
            a = torch.nn.functional.conv1d(both, block.conv.weight, block.conv.bias)
            x, skip = block.gated(x, a, world, now)
            skips = skips + skip
        found.append(model.output(skips / math.sqrt(len(queues)))[..., 0])
        classes.append(pick_class(found[-1], uniform[:, t, None].contiguous()))
        heard = class_position(classes[-1].to(uniform), model.classes)[..., None]
    return torch.cat(classes, 1), torch.stack(found, -1)

"""SampleRNN with two tiers: a slow recurrent network remembers, a fast one without memory draws the samples.

    frame tier:   a GRU, one step per frame of F samples, reads the F samples before the frame
    sample tier:  a small network, reads the last F samples and what the frame tier says for this place in the frame

The past is unbounded, as in every recurrent network; the recurrence is F times shorter than the sound.

Conventions: as in `models.wavenet`: past (batch, samples) holds what was heard before each sample.

Derived in unit 15_wavenet. Papers: S. Mehri et al., "SampleRNN: an unconditional end-to-end neural audio generation
model", ICLR 2017.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from course_lib.models.wavenet import class_bits, past_of
from course_lib.models.wavenet_generation import pick_class
from course_lib.signal.mu_law import class_position


class SampleRNN(nn.Module):
    """Logits of the class of each sample from the samples before it.

    Args:
        frame: samples F per frame and in the view of the sample tier.
        hidden: units of the GRU. width: of the sample tier. classes: of the μ-law.

    Derived in unit 15_wavenet.
    """

    def __init__(self, *, frame: int = 16, hidden: int = 96, width: int = 64, classes: int = 256):
        super().__init__()
        self.config = {"frame": frame, "hidden": hidden, "width": width, "classes": classes}
        self.frame, self.classes = frame, classes
        self.slow = nn.GRU(frame, hidden, batch_first=True)
        self.spread = nn.Linear(hidden, frame * width)
        self.recent = nn.Linear(frame, width)
        self.middle = nn.Conv1d(width, width // 2, 1)
        self.output = nn.Conv1d(width // 2, classes, 1)

    def forward(self, past: Float[Tensor, "batch samples"]) -> Float[Tensor, "batch classes samples"]:
        """Logits of sample t from past[:, : t + 1]; any number of samples."""
        batch, samples = past.shape
        frames = -(-samples // self.frame)
        padded = nn.functional.pad(past, (self.frame - 1, frames * self.frame - samples))
        windows = padded.unfold(1, self.frame, 1)                     # (batch, samples', F): the last F of each
        slow, _ = self.slow(windows[:, :: self.frame])                # (batch, frames, hidden)
        told = self.spread(slow).reshape(batch, frames * self.frame, -1)[:, :samples]
        return self._fast(windows[:, :samples], told).mT

    def _fast(self, recent: Tensor, told: Tensor) -> Tensor:
        """(batch, samples, F) and (batch, samples, width) → (batch, samples, classes)."""
        h = torch.relu(self.recent(recent) + told).mT
        return self.output(torch.relu(self.middle(h))).mT

    def bits(self, classes: Int[Tensor, "batch samples"]) -> Float[Tensor, "batch samples"]:
        """-log2 p(x_t | past) of every sample."""
        return class_bits(self(past_of(classes, self.classes)), classes)

    @torch.no_grad()
    def generate(self, uniform: Float[Tensor, "batch samples"]) -> Int[Tensor, "batch samples"]:
        """Draw sounds from silence on: the GRU steps once per frame, the sample tier once per sample."""
        batch, samples = uniform.shape
        heard = torch.zeros(batch, self.frame + samples, device=uniform.device, dtype=uniform.dtype)
        drawn = torch.zeros(batch, samples, dtype=torch.long, device=uniform.device)
        state = None
        for t in range(samples):
            recent = heard[:, t : t + self.frame]                     # the F samples before sample t
            if t % self.frame == 0:
                slow, state = self.slow(recent[:, None], state)
                told = self.spread(slow).view(batch, self.frame, -1)
            logits = self._fast(recent[:, None], told[:, t % self.frame, None])[:, 0]
            drawn[:, t] = pick_class(logits, uniform[:, t, None].contiguous())[:, 0]
            heard[:, self.frame + t] = class_position(drawn[:, t], self.classes)
        return drawn

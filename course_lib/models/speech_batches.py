"""Utterances as tensors for a recogniser of letters: log-mel features, letters as labels, and what varies voices.

Features are as in unit 12_ctc (40 bands, a hop of 12.5 ms, normalised per utterance), from a filterbank that may be
stretched along the frequency axis: as if the speaker had a longer or a shorter vocal tract. Unit 13_deep_speech.

Paper: N. Jaitly, G. Hinton, "Vocal tract length perturbation (VTLP) improves speech recognition", ICML workshop 2013.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from course_lib.data.digit_strings import SAMPLE_RATE, DigitSpeech, DigitString
from course_lib.data.length_buckets import length_buckets
from course_lib.data.letters import spelled, to_letters
from course_lib.models.padded_batches import PaddedBatch, normalised, padded_sounds
from course_lib.signal import mel_filterbank, spec_augment, stft

BANDS, N_FFT, HOP, F_MIN = 40, 256, 100, 60.0


@dataclass(frozen=True)
class SpeechBatch(PaddedBatch):
    """One batch of utterances, padded to the longest."""

    features: Float[Tensor, "utterances frames bands"]
    lengths: Int[Tensor, " utterances"]
    labels: Int[Tensor, "utterances letters"]
    label_lengths: Int[Tensor, " utterances"]


def speech_batch(
    audio: Sequence[Float[np.ndarray, " samples"]], texts: Sequence[str], *, stretch: Sequence[float] | None = None,
) -> SpeechBatch:
    """Features and letters of utterances at 8 kHz.

    Args:
        audio: one array per utterance.
        texts: what is said; letters, spaces and apostrophes; as many as there are utterances.
        stretch: factor on the frequency axis of each utterance: 1.1 raises all formants by 10 %.

    Raises:
        ValueError: not as many texts or factors as utterances, a factor outside of 0.5 … 2, or nothing to hear.
    """
    if len(texts) != len(audio):
        raise ValueError(f"{len(audio)} utterances and {len(texts)} texts")
    features, lengths = stretched_log_mel(audio, stretch)
    labels = [torch.tensor(to_letters(text), dtype=torch.long) for text in texts]
    return SpeechBatch(
        features, lengths, torch.nn.utils.rnn.pad_sequence(labels, batch_first=True),
        torch.tensor([len(label) for label in labels]),
    )


def digit_speech_batch(
    strings: Sequence[DigitString], *, stretch: tuple[float, float] = (1.0, 1.0),
    rng: np.random.Generator | None = None,
) -> SpeechBatch:
    """A batch of digit strings, spelled; each is stretched by a factor drawn from an interval, if `rng` is given."""
    factors = None if rng is None else rng.uniform(*stretch, len(strings))
    return speech_batch([s.audio for s in strings], [spelled(s.digits) for s in strings], stretch=factors)


class SpokenDigitBatches:
    """step → batch of digit strings for training; a batch is a function of seed and step, so a resumed run is exact.

    All strings of a batch have the same number of digits, so little is padded. The first fifth of the steps sees one or
    two digits, the rest two to five: short strings have few alignments, and are learnt first.

    Args:
        speech: says the strings.
        size: strings in a batch.
        steps: of the whole training.
        seed: of all draws.
        stretch: interval of the factor on the frequency axis.
        masks: arguments of `signal.spec_augment`; None masks nothing.
    """

    def __init__(
        self, speech: DigitSpeech, *, size: int, steps: int, seed: int = 0, stretch: tuple[float, float] = (1.0, 1.0),
        masks: dict | None = None,
    ):
        self.speech, self.size, self.steps, self.seed = speech, size, steps, seed
        self.stretch, self.masks = stretch, masks

    def __call__(self, step: int) -> SpeechBatch:
        """The batch of a step."""
        rng = np.random.default_rng((self.seed, step))
        count = int(rng.integers(1, 3) if step < self.steps // 5 else rng.integers(2, 6))
        strings = self.speech.draw(self.size, rng, lengths=(count, count))
        batch = digit_speech_batch(strings, stretch=self.stretch, rng=rng)
        if self.masks is None:
            return batch
        return replace(batch, features=spec_augment(batch.features, batch.lengths, rng, **self.masks))


def letter_loss(model: torch.nn.Module, batch: SpeechBatch) -> Tensor:
    """Mean -ln p(text | x) per utterance; a text for which there are too few steps counts as zero."""
    logits, steps = model(batch.features, batch.lengths)
    return torch.nn.functional.ctc_loss(
        logits.log_softmax(-1).transpose(0, 1), batch.labels, steps, batch.label_lengths, reduction="none",
        zero_infinity=True,
    ).mean()


@torch.no_grad()
def letter_posteriors(
    model: torch.nn.Module, audio: Sequence[Float[np.ndarray, " samples"]], *, stretches: Sequence[float] = (1.0,),
) -> list[Float[np.ndarray, "steps classes"]]:
    """ln y of each utterance, batched by length, in evaluation mode, where the model is.

    Args:
        stretches: of the frequency axis. The network hears each utterance once with each, as if voices with other vocal
            tracts had said it; of the posteriors the geometric mean is returned.
    """
    found: list = [None] * len(audio)
    device, was_training = next(model.parameters()).device, model.training
    model.eval()
    try:
        for members in length_buckets([len(x) for x in audio], 50):
            heard = []
            for stretch in stretches:
                features, lengths = stretched_log_mel([audio[i] for i in members], [stretch] * len(members))
                logits, steps = model(features.to(device), lengths.to(device))
                heard.append(logits.log_softmax(-1))
            log_y = torch.stack(heard).mean(0).log_softmax(-1).cpu()
            for i, row, n in zip(members, log_y, steps.tolist(), strict=True):
                found[i] = row[:n].numpy()
    finally:
        model.train(was_training)
    return found


def stretched_log_mel(
    audio: Sequence[Float[np.ndarray, " samples"]], stretch: Sequence[float] | None = None,
) -> tuple[Float[Tensor, "utterances frames bands"], Int[Tensor, " utterances"]]:
    """Log-mel spectrograms and their lengths: zero mean in each band, unit variance, zero where padded.

    Raises:
        ValueError: not as many factors as utterances, a factor outside of 0.5 … 2, or nothing to hear.
    """
    stretch = [1.0] * len(audio) if stretch is None else stretch
    if len(stretch) != len(audio) or not all(0.5 <= factor <= 2 for factor in stretch):
        raise ValueError(f"{len(audio)} utterances need a stretch between 0.5 and 2 each, got {list(stretch)}")
    padded, samples = padded_sounds(audio)
    X = stft(padded, N_FFT, HOP)                                       # (utterances, bins, frames)
    power = X.real.square() + X.imag.square()
    banks = torch.stack([_bank(round(100 * s)) for s in stretch])
    mel = torch.log(banks @ power + 1e-5).transpose(1, 2)              # (utterances, frames, bands)
    lengths = samples // HOP + 1                                       # of a centred STFT
    return normalised(mel, lengths), lengths


@lru_cache(maxsize=256)
def _bank(percent: int) -> Float[Tensor, "bands bins"]:
    """The mel filterbank for a voice stretched to `percent` of its frequencies: bin f is read as f · percent / 100."""
    plain = mel_filterbank(BANDS, N_FFT, SAMPLE_RATE, f_min=F_MIN).double()
    if percent == 100:
        return plain.float()
    at = torch.arange(plain.shape[1], dtype=torch.float64) * (percent / 100)
    below = at.floor().long()
    share = at - below
    wide = torch.nn.functional.pad(plain, (0, int(below.max()) + 2 - plain.shape[1] + 1 if percent > 100 else 1))
    return ((1 - share) * wide[:, below] + share * wide[:, below + 1]).float()

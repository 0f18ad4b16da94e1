"""Phrases over music as tensors: compressed magnitudes of mixture and voice, phones as numbers, the exact alignment.

Conventions: frame n of the centred STFT is centred at n · HOP samples. Magnitudes are raised to `POWER`, which brings
quiet and loud bins closer together, and scaled so that the mixture has unit mean square. Symbol 0 is the pause, symbols
1 to 40 are the phones of `generate.PHONES`. Unit 14_attention.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from course_lib.data.generate.phones import PHONES
from course_lib.data.speech_over_music import PAUSE, SAMPLE_RATE, Phrase
from course_lib.models.padded_batches import PaddedBatch, padded_sounds
from course_lib.nn.padding import inside
from course_lib.signal import istft, stft

N_FFT, HOP, POWER = 512, 160, 0.5
BINS = N_FFT // 2 + 1
HOP_SECONDS = HOP / SAMPLE_RATE
SYMBOLS = (PAUSE, *PHONES)
INDEX = {name: i for i, name in enumerate(SYMBOLS)}


@dataclass(frozen=True)
class PhraseBatch(PaddedBatch):
    """Phrases padded to the longest."""

    mixture: Float[Tensor, "phrases frames bins"]
    voice: Float[Tensor, "phrases frames bins"]
    lengths: Int[Tensor, " phrases"]
    symbols: Int[Tensor, "phrases symbols"]
    symbol_lengths: Int[Tensor, " phrases"]
    places: Int[Tensor, "phrases frames"]
    """Which symbol of its phrase each frame belongs to, by the exact alignment; 0 where padded."""
    scale: Float[Tensor, " phrases"]
    """By what the compressed magnitudes of each phrase, mixture and voice, were multiplied."""

    @property
    def mask(self) -> Bool[Tensor, "phrases symbols"]:
        """True where there is a symbol."""
        return inside(self.symbol_lengths, self.symbols.shape[1])

    @property
    def frame_symbols(self) -> Int[Tensor, "phrases frames"]:
        """The symbol at each frame, by the exact alignment."""
        return self.symbols.gather(1, self.places)


def collate_phrases(phrases: Sequence[Phrase]) -> PhraseBatch:
    """Spectrograms, symbols and alignment of a list of phrases."""
    mixture, lengths = magnitudes([p.mixture for p in phrases])
    voice, _ = magnitudes([p.voice for p in phrases])
    scale = (mixture.square().sum((1, 2)) / (lengths * BINS) + 1e-8).rsqrt()
    symbols = [torch.tensor([INDEX[phone] for phone in p.phones]) for p in phrases]
    places = torch.zeros(mixture.shape[:2], dtype=torch.long)
    for row, phrase, n in zip(places, phrases, lengths.tolist(), strict=True):
        row[:n] = torch.from_numpy(places_of(phrase.onsets, n))
    return PhraseBatch(
        mixture * scale[:, None, None],
        voice * scale[:, None, None],
        lengths,
        torch.nn.utils.rnn.pad_sequence(symbols, batch_first=True),
        torch.tensor([len(s) for s in symbols]),
        places,
        scale,
    )


def places_of(onsets: Sequence[float], frames: int) -> Int[np.ndarray, " frames"]:
    """Index of the segment that holds the centre of each frame."""
    return np.searchsorted(onsets, np.arange(frames) * HOP_SECONDS + 1e-9, side="right") - 1


def text(symbols: str | Sequence[str]) -> Int[Tensor, " symbols"]:
    """Symbols by name, "> Y EH S >" or a list of them, as numbers."""
    names = symbols.split() if isinstance(symbols, str) else symbols
    return torch.tensor([INDEX[name] for name in names], dtype=torch.long)


def magnitudes(
    audio: Sequence[Float[np.ndarray, " samples"]],
) -> tuple[Float[Tensor, "phrases frames bins"], Int[Tensor, " phrases"]]:
    """Compressed magnitudes and the number of frames of each; zero where padded."""
    padded, samples = padded_sounds(audio)
    lengths = samples // HOP + 1
    found = stft(padded, N_FFT, HOP).abs().pow(POWER).mT
    return found * inside(lengths, found.shape[1])[:, :, None], lengths


def filtered(mixture: Float[Tensor, " samples"], estimate: Float[Tensor, "frames bins"], scale: float) -> Tensor:
    """The mixture through the estimated voice: its phase, and magnitudes of the estimate, never above the mixture's.

    Args:
        estimate: the compressed magnitudes that a network put out.
        scale: by which `collate_phrases` multiplied the compressed magnitudes of this mixture.
    """
    spectrum = stft(mixture, N_FFT, HOP)                               # (bins, frames)
    level = spectrum.abs().clamp_min(1e-8)
    wanted = (estimate[: spectrum.shape[1]].mT / scale).clamp_min(0.0).pow(1 / POWER)
    return istft(spectrum * (wanted / level).clamp_max(1.0), HOP, length=mixture.shape[-1])

"""The stochastic part: noise described by its level in a few bands per frame, and noise made again from such levels.

What is left of a sound without its partials has no phase worth keeping. It is enough to know how strong it is, when,
and where on the frequency axis. The bands overlap like the hats of a linear interpolation over mel-spaced centres, so
they add up to one at every bin: white noise of deviation σ has the level σ in every band, and comes back as white noise
of deviation σ. Synthesis draws a random phase for every bin of every frame, and cross-fades the frames at equal power.

Derived in unit 06_sinusoidal. Papers: X. Serra, J. O. Smith, "Spectral modeling synthesis", Computer Music Journal,
1990; M. Goodwin, "Residual modeling in music analysis-synthesis", ICASSP, 1996.
"""

import math
from functools import lru_cache

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.framing import overlap_add
from course_lib.signal.mel import hz_to_mel, mel_to_hz
from course_lib.signal.short_time import stft
from course_lib.signal.windows import overlap_sum, window


@lru_cache(maxsize=32)
@torch.inference_mode(False)
def noise_bands(bands: int, n_fft: int, sr: float) -> Tensor:
    """Hats over the bins of a DFT, centred at equal steps in mel from 0 to sr/2. Derived in unit 06_sinusoidal.

    Args:
        bands: how many, at least 2.
        n_fft: DFT size. sr: sampling rate in Hz.

    Returns:
        (bands, n_fft//2 + 1) float64; each column sums to 1.

    Raises:
        ValueError: fewer than two bands, or a band so narrow that it holds no bin.
    """
    if bands < 2:
        raise ValueError(f"need at least 2 bands, got {bands}")
    ends = hz_to_mel(torch.tensor([0.0, sr / 2], dtype=torch.float64))
    centres = mel_to_hz(torch.linspace(float(ends[0]), float(ends[1]), bands, dtype=torch.float64))
    frequency = torch.arange(n_fft // 2 + 1, dtype=torch.float64) * (sr / n_fft)
    left = (torch.searchsorted(centres, frequency, right=True) - 1).clamp(0, bands - 2)
    share = ((frequency - centres[left]) / (centres[left + 1] - centres[left])).clamp(0.0, 1.0)
    hats = torch.zeros(bands, len(frequency), dtype=torch.float64)
    hats[left, torch.arange(len(frequency))] = 1 - share
    hats[left + 1, torch.arange(len(frequency))] = share
    empty = (hats.sum(-1) <= 0).nonzero()
    if len(empty):
        raise ValueError(f"band {int(empty[0])} of {bands} holds no bin of n_fft={n_fft} at {sr:g} Hz: take fewer "
                         "bands or a longer n_fft")
    return hats


@same_kind
def noise_envelope(x: Tensor, sr: float, *, n_fft: int = 1024, hop: int = 256, bands: int = 32) -> Tensor:
    """Level of a noise in bands, frame by frame. Derived in unit 06_sinusoidal.

    Args:
        x: (..., samples), the residual of a sinusoidal model.
        sr: sampling rate in Hz.
        n_fft, hop: Hann-windowed frames as in `stft`; frame m is centred on sample m·hop.
        bands: see `noise_bands`.

    Returns:
        (..., bands, frames): root of the mean power density. White noise of deviation σ has σ in every band, silence 0.
        Differentiable.

    Raises:
        ValueError: a band without a bin; see also `stft`.
    """
    w = window("hann", n_fft, dtype=x.dtype, device=x.device)
    power = stft(x, n_fft, hop, window=w).abs().square() / w.square().sum()
    hats = noise_bands(bands, n_fft, sr).to(x)
    return _root(hats @ power / hats.sum(-1, keepdim=True))


@same_kind
def shaped_noise(
    envelope: Tensor, sr: float, *, n_fft: int = 1024, hop: int = 256, samples: int | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Noise with a given level in bands, frame by frame: the inverse of `noise_envelope` up to chance.

    Another `hop` than that of the analysis makes the noise longer or shorter. Derived in unit 06_sinusoidal.

    Args:
        envelope: (..., bands, frames), as `noise_envelope` gives; not negative.
        sr: sampling rate in Hz.
        n_fft: length of the frames that are cross-faded.
        hop: samples between frames, at most n_fft/2.
        samples: length of the result; (frames - 1)·hop + 1 by default, up to the centre of the last frame.
        generator: where the phases come from; the global one by default.

    Returns:
        (..., samples). Differentiable in the envelope.

    Raises:
        ValueError: frames that do not overlap by half, or a band without a bin.
    """
    if not 1 <= hop <= n_fft // 2:
        raise ValueError(f"hop={hop} must lie between 1 and n_fft//2 = {n_fft // 2}, so that frames can be cross-faded")
    hats = noise_bands(envelope.shape[-2], n_fft, sr).to(envelope)
    magnitude = math.sqrt(n_fft) * _root(hats.mT @ envelope.square())
    turn = torch.rand(magnitude.shape, generator=generator, dtype=envelope.dtype, device=envelope.device)
    real = torch.zeros(magnitude.shape[-2], 1, dtype=torch.bool, device=envelope.device)
    real[0] = True
    if n_fft % 2 == 0:
        real[-1] = True
    turn = torch.where(real, (2 * turn).floor() / 2, turn)  # these bins of a real signal have a sign, no phase
    noise = torch.fft.irfft(torch.polar(magnitude, 2 * math.pi * turn).mT, n_fft)
    frames = noise.shape[-2]
    w = window("hann", n_fft, dtype=envelope.dtype, device=envelope.device)
    weight = overlap_sum(w.square(), hop, frames=frames).clamp(min=1e-12).sqrt()
    y = overlap_add(noise * w, hop) / weight
    start = n_fft // 2
    samples = (frames - 1) * hop + 1 if samples is None else samples
    y = y[..., start : start + samples]
    return torch.nn.functional.pad(y, (0, samples - y.shape[-1]))


def _root(power: Tensor) -> Tensor:
    """Square root whose gradient at zero is zero, not infinite."""
    positive = power > 0
    return torch.where(positive, torch.where(positive, power, 1.0).sqrt(), 0.0)

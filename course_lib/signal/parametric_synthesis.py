"""Statistical parametric synthesis in its smallest form: mean parameters of the states of a word, and a vocoder.

Analysis: each recording of a word is cut into the same number of equal parts, the *states*; of each state we keep the
mean spectrum (as a normalised autocorrelation), the mean level, the share of voiced frames and the mean duration.
Synthesis: pulses or noise through an all-pole filter per frame. A hidden Markov model would place the borders of the
states by the data; the means, the buzz and the muffled sound are the same.

Derived in unit 15_wavenet. Papers: H. Zen, K. Tokuda, A. Black, "Statistical parametric speech synthesis", Speech
Communication 51, 2009.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from course_lib.signal.all_pole_filter import all_pole
from course_lib.signal.framing import frame, overlap_add
from course_lib.signal.linear_prediction import autocorrelation, levinson_durbin


@dataclass(frozen=True)
class StateMeans:
    """Mean parameters of the states of one word.

    autocorrelation (states, order + 1) with lag 0 equal to 1; gain (states,), RMS; voiced (states,), share of voiced
    frames from 0 to 1; frames: mean number of frames of the word; hop: samples per frame.
    """

    autocorrelation: Tensor
    gain: Tensor
    voiced: Tensor
    frames: int
    hop: int


def state_means(
    recordings: Sequence[Tensor], voiced: Sequence[Tensor], *, states: int = 12, order: int = 10, hop: int = 80,
) -> StateMeans:
    """Mean parameters over recordings of one word.

    Args:
        recordings: signals (samples,), float32 or float64. voiced: for each, (frames,) with 1 for voiced frames of
            `hop` samples, one for each whole hop of the recording or more.
        states: parts per word. order: of the all-pole filter.

    Raises:
        ValueError: no recordings, not one `voiced` for each, or one with fewer frames than states or than whole hops.
    """
    if not recordings:
        raise ValueError("no recordings to average")
    if len(recordings) != len(voiced):
        raise ValueError(f"{len(recordings)} recordings, but voicing for {len(voiced)}")
    spectra, gains, voices, lengths = [], [], [], []
    for x, on in zip(recordings, voiced, strict=True):
        frames = len(x) // hop
        if frames < states:
            raise ValueError(f"a recording of {frames} frames is too short for {states} states")
        if len(on) < frames:
            raise ValueError(f"a recording of {frames} frames has voicing for {len(on)} only")
        window = torch.hann_window(3 * hop, dtype=x.dtype, device=x.device)
        parts = frame(torch.nn.functional.pad(x, (hop, 2 * hop)), 3 * hop, hop)[:frames] * window
        r = autocorrelation(parts, order)
        state = torch.arange(frames, device=x.device) * states // frames
        share = torch.nn.functional.one_hot(state, states).T.to(x)
        share = share / share.sum(1, keepdim=True)
        spectra.append(share @ (r / r[:, :1].clamp(min=1e-9)))
        gains.append((share @ (r[:, 0] / window.square().sum())).sqrt())
        voices.append(share @ on[:frames].to(x))
        lengths.append(frames)
    mean = torch.stack(spectra).mean(0)
    return StateMeans(
        mean / mean[:, :1].clamp(min=1e-9), torch.stack(gains).mean(0), torch.stack(voices).mean(0),
        round(sum(lengths) / len(lengths)), hop,
    )


def speak_states(means: StateMeans, f0: Tensor | float, sr: float, *, seed: int = 0) -> Tensor:
    """Synthesise one word from its means.

    Args:
        f0: pitch in Hz, one number or (frames,). seed: of the noise of unvoiced frames.

    Returns:
        (frames · hop,), in the dtype of the means.

    Raises:
        ValueError: f0 is neither one number nor one for each frame.
    """
    frames, hop, states = means.frames, means.hop, len(means.gain)
    place = ((torch.arange(frames) + 0.5) * states / frames - 0.5).clamp(0, states - 1)
    low = place.floor().long().clamp(max=max(states - 2, 0))
    weight = (place - low)[:, None]

    def track(values: Tensor) -> Tensor:
        return (1 - weight) * values[low] + weight * values[(low + 1).clamp(max=states - 1)]

    a, error = levinson_durbin(track(means.autocorrelation), regularise=1e-4)
    gain, voiced = track(means.gain[:, None])[:, 0], track(means.voiced[:, None])[:, 0] > 0.5
    pitch = torch.as_tensor(f0, dtype=torch.float32)
    if pitch.ndim and pitch.shape != (frames,):
        raise ValueError(f"f0 should be one number or ({frames},), one for each frame, got {tuple(pitch.shape)}")
    source = _source(pitch.expand(frames), voiced, hop, sr, seed)
    pieces = frame(torch.nn.functional.pad(source, (hop, hop)), 2 * hop, hop)[:frames]
    pieces = pieces * torch.hann_window(2 * hop) * (gain * error[:, -1].clamp(min=1e-6).sqrt())[:, None]
    tails = all_pole(torch.nn.functional.pad(pieces, (0, 2 * hop)), a)      # each frame rings through its own filter
    return overlap_add(tails, hop)[hop : hop + frames * hop]


def _source(pitch: Tensor, voiced: Tensor, hop: int, sr: float, seed: int) -> Tensor:
    """Pulses of unit power where the voice is on, noise of unit power elsewhere."""
    f0, on = pitch.repeat_interleave(hop), voiced.repeat_interleave(hop)
    turns = torch.cumsum(f0.double() / sr, 0)
    pulse = torch.diff(turns.floor(), prepend=torch.zeros(1, dtype=torch.float64)) > 0
    noise = torch.randn(len(f0), generator=torch.Generator().manual_seed(seed))
    return torch.where(on, pulse.float() * (sr / f0.clamp(min=1.0)).sqrt(), noise)

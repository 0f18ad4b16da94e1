"""Griffin-Lim: find a signal whose STFT magnitude is the given one.

Two sets of complex matrices: those with the wanted magnitude, and those that are the STFT of some signal. Project onto
one, then the other, and again. With momentum (the "fast" version) each step is extrapolated. Derived in unit 02_stft.

Papers: D. Griffin, J. Lim, "Signal estimation from modified short-time Fourier transform", IEEE TASSP, 1984;
N. Perraudin, P. Balazs, P. Søndergaard, "A fast Griffin-Lim algorithm", WASPAA, 2013.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind, to_numpy, to_tensor
from course_lib.signal.short_time import istft, stft


def griffin_lim(
    magnitude: Tensor, hop: int = 256, *, n_fft: int | None = None, window: str | Tensor = "hann",
    iterations: int = 32, momentum: float = 0.99, length: int | None = None, phase: Tensor | None = None, seed: int = 0,
) -> Tensor:
    """A signal with (nearly) the given STFT magnitude.

    Args:
        magnitude: (…, bins, frames) |X| of `stft` with center=True, zero-padded ends; numpy or torch.
        hop, n_fft, window, length: as in `istft`.
        iterations: projections onto both sets.
        momentum: 0 is the algorithm of 1984, whose error never rises; 0.99 is the fast version.
        phase: starting phase in radians, the shape of `magnitude`; uniformly random from `seed` when None.

    Returns:
        (…, length).

    Raises:
        ValueError: a negative or complex magnitude, or what `istft` refuses.

    Derived in unit 02_stft.

    >>> x = torch.sin(torch.arange(4000) * 0.3)
    >>> y = griffin_lim(stft(x, 256, 64).abs(), 64, iterations=40, length=4000)
    >>> bool(spectral_convergence(stft(y, 256, 64), stft(x, 256, 64)) < 0.1)
    True
    """
    if iterations < 0:
        raise ValueError(f"iterations must not be negative, got {iterations}")
    steps = griffin_lim_steps(
        magnitude, hop, n_fft=n_fft, window=window, momentum=momentum, length=length, phase=phase, seed=seed
    )
    x = next(steps)
    for _ in range(iterations):
        x = next(steps)
    return x


def griffin_lim_steps(
    magnitude: Tensor, hop: int = 256, *, n_fft: int | None = None, window: str | Tensor = "hann",
    momentum: float = 0.99, length: int | None = None, phase: Tensor | None = None, seed: int = 0,
) -> Iterator[Tensor]:
    """The signal after 0, 1, 2, … iterations of `griffin_lim`, without end; the first has the starting phase."""
    target = to_tensor(magnitude)
    if target.is_complex() or (target.numel() and target.min() < 0):
        raise ValueError("griffin_lim takes a magnitude: real and not negative; use X.abs() of an STFT")
    if phase is None:
        generator = torch.Generator().manual_seed(seed)
        phase = (2 * torch.pi * torch.rand(target.shape, generator=generator, dtype=torch.float64)).to(target)
    n_fft = 2 * (target.shape[-2] - 1) if n_fft is None else n_fft
    length = hop * (target.shape[-1] - 1) if length is None else length
    back = to_numpy if not isinstance(magnitude, Tensor) else lambda x: x
    guess = torch.polar(target, to_tensor(phase).to(target))
    before = None
    while True:
        x = istft(guess, hop, n_fft=n_fft, window=window, length=length)
        yield back(x)
        consistent = _same_frames(stft(x, n_fft, hop, window=window), target.shape[-1])
        ahead = consistent if before is None else consistent + momentum * (consistent - before)
        before = consistent
        # sgn is X/|X|, and 0 where X is 0: no division by zero in silence.
        guess = target * torch.sgn(ahead)


@same_kind
def spectral_convergence(estimate: Tensor, target: Tensor) -> Tensor:
    """‖|estimate| − |target|‖ / ‖target‖ (Frobenius norms over the last two axes): 0 is perfect, ratio without unit.

    Args:
        estimate, target: (…, bins, frames), complex or magnitude.

    Returns:
        (…); 0 where both are silent.

    Derived in unit 02_stft. Paper: N. Sturmel, L. Daudet, "Signal reconstruction from STFT magnitude: a state of the
    art", DAFx, 2011.
    """
    wanted = to_tensor(target).abs().to(estimate.device)
    error = torch.linalg.matrix_norm(estimate.abs() - wanted)
    return error / torch.linalg.matrix_norm(wanted).clamp(min=torch.finfo(wanted.dtype).tiny)


def _same_frames(X: Tensor, frames: int) -> Tensor:
    """Fit the frame count of X: a `length` beside hop·(frames − 1) … hop·frames − 1 gives another one."""
    return torch.nn.functional.pad(X[..., :frames], (0, max(0, frames - X.shape[-1])))

"""Linear prediction: autocorrelation, the Levinson-Durbin recursion, the prediction error, and formants from roots.

x[n] is predicted from its past as -sum_k a_k x[n-k]. The coefficients that leave the least energy solve the Toeplitz
system R a = -r of the autocorrelation; Levinson and Durbin solve it in order p² instead of p³ and give, on the way, the
energy of the error for every order. (`librosa.lpc` minimises forward and backward errors, after Burg: other numbers.)

Derived in unit 05_source_filter. Papers: N. Levinson, J. Math. Phys., 1947; J. Durbin, Rev. ISI, 1960; J. Makhoul,
"Linear prediction: a tutorial review", Proc. IEEE, 1975.
"""

import math

import numpy as np
import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind, to_tensor


@same_kind
def autocorrelation(x: Tensor, order: int) -> Tensor:
    """r[k] = sum_n x[n] x[n+k] for k = 0 ... order, not divided by the length.

    Args:
        x: (..., samples); window it first, else its ends count as a jump to zero.
        order: highest lag.

    Returns:
        (..., order + 1); lags beyond the signal are 0. Differentiable.

    Raises:
        ValueError: a negative order, or no samples.
    """
    samples = x.shape[-1]
    if order < 0 or samples == 0:
        raise ValueError(f"need samples and an order >= 0, got {samples} samples and order {order}")
    lags = [(x[..., : max(samples - k, 0)] * x[..., k:]).sum(-1) for k in range(order + 1)]
    return torch.stack(lags, -1)


@same_kind
def levinson_durbin(r: Tensor, *, regularise: float = 1e-9) -> tuple[Tensor, Tensor]:
    """Solve the normal equations of linear prediction from autocorrelations.

    Args:
        r: (..., p + 1) autocorrelation at lags 0 ... p.
        regularise: share of r[0] that is added to r[0], as faint white noise would: a pure tone or a constant makes
            the system singular. Silence gives a = 0 and an error of 0.

    Returns:
        (a, error): a is (..., p) with a_1 ... a_p; error is (..., p + 1), the energy left by each order 0 ... p.

    Raises:
        ValueError: fewer than two lags.

    >>> a, error = levinson_durbin(torch.tensor([1.0, 0.5, 0.0]), regularise=0.0)
    >>> a, error
    (tensor([-0.6667,  0.3333]), tensor([1.0000, 0.7500, 0.6667]))
    """
    order = r.shape[-1] - 1
    if order < 1:
        raise ValueError(f"linear prediction needs r[0] and at least r[1], got {r.shape[-1]} lags")
    lags = r.unbind(-1)
    error = lags[0] * (1 + regularise)
    a: list[Tensor] = []
    errors = [error]
    for m in range(1, order + 1):
        correlation = lags[m] + sum((a[k] * lags[m - 1 - k] for k in range(m - 1)), torch.zeros_like(error))
        silent = error <= 0
        reflection = torch.where(silent, 0.0, -correlation / torch.where(silent, 1.0, error))
        a = [a[k] + reflection * a[m - 2 - k] for k in range(m - 1)] + [reflection]
        error = (error * (1 - reflection**2)).clamp(min=0)
        errors.append(error)
    return torch.stack(a, -1), torch.stack(errors, -1)


@same_kind
def lpc(x: Tensor, order: int, *, window: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Prediction coefficients of a frame by the autocorrelation method.

    Args:
        x: (..., samples), one frame or a batch of them.
        order: p; two per formant and two or three for source and lips: about sr/1000 + 2.
        window: (samples,); a Hann window by default.

    Returns:
        (a, error) as `levinson_durbin`; the all-pole filter 1/A(z) is stable. Computed in float64, returned in the
        dtype of `x`.

    Raises:
        ValueError: a frame shorter than order + 1 samples.
    """
    samples = x.shape[-1]
    if samples <= order:
        raise ValueError(f"a frame of {samples} samples is too short for order {order}, which needs {order + 1}")
    if window is None:
        window = torch.hann_window(samples, dtype=torch.float64, device=x.device)
    frame = x.double() * to_tensor(window).to(x.device, torch.float64)
    a, error = levinson_durbin(autocorrelation(frame, order))
    return a.to(x.dtype), error.to(x.dtype)


@same_kind
def prediction_error(x: Tensor, a: Tensor) -> Tensor:
    """The residual e[n] = x[n] + sum_k a_k x[n-k], from rest: what `all_pole(e, a)` turns back into `x`.

    Args:
        x: (..., samples).
        a: (p,) or (..., p), leading axes broadcasting.

    Returns:
        (..., samples). Differentiable.
    """
    a = to_tensor(a).to(x)
    samples = x.shape[-1]
    padded = torch.nn.functional.pad(x, (a.shape[-1], 0))
    error = x
    for k in range(1, a.shape[-1] + 1):
        start = a.shape[-1] - k
        error = error + a[..., k - 1, None] * padded[..., start : start + samples]
    return error


def prediction_gain(error: Tensor | np.ndarray) -> Tensor | np.ndarray:
    """10 log10 of the energy of the signal over that of the error, in dB, for each order of `levinson_durbin`."""
    kind = torch if isinstance(error, Tensor) else np
    return 10 * kind.log10(error[..., :1] / error)


def formants(a: np.ndarray | Tensor, sr: float, *, max_bandwidth: float = 700.0) -> list[tuple[float, float]]:
    """Frequencies and bandwidths of the resonances of 1/A(z), from its poles r·exp(±iθ).

    Args:
        a: (p,) coefficients a_1 ... a_p.
        sr: sampling rate in Hz.
        max_bandwidth: broader poles (in Hz) shape the spectral tilt and are left out.

    Returns:
        (frequency, bandwidth) in Hz, by frequency: frequency θ·sr/2π, bandwidth -ln(r)·sr/π.
    """
    poles = np.roots(np.concatenate([[1.0], np.asarray(a, np.float64)]))
    poles = poles[(poles.imag > 1e-9) & (np.abs(poles) > 0)]
    found = [(float(np.angle(z)) * sr / (2 * math.pi), -math.log(abs(z)) * sr / math.pi) for z in poles]
    return sorted((f, b) for f, b in found if 0 < b <= max_bandwidth)

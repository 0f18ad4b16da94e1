"""The discrete Fourier transform by its definition, at any frequency, and by the radix-2 fast algorithm.

Conventions: X[k] = Σ_n x[n] e^{−2πi kn/N}, without a factor; the inverse divides by N. Bin k belongs to k·sr/N hertz.
These are written to be read and to be measured against: for work take torch.fft. Derived in unit 01_dft.

Paper: J. W. Cooley, J. W. Tukey, "An algorithm for the machine calculation of complex Fourier series", Mathematics of
Computation, 1965.
"""

import math

import torch
from torch import Tensor

from course_lib.signal.array_kind import same_kind, to_tensor


def _complex(dtype: torch.dtype) -> torch.dtype:
    return torch.promote_types(dtype, torch.complex64)


def dft_matrix(
    size: int, *, inverse: bool = False, dtype: torch.dtype = torch.complex64,
    device: torch.device | str | None = None,
) -> Tensor:
    """Row k holds e^{−2πi kn/N}, n = 0 … N − 1: (N, N); with `inverse` e^{+2πi kn/N}/N. Derived in unit 01_dft.

    Raises:
        ValueError: a size below 1.
    """
    if size < 1:
        raise ValueError(f"a DFT needs at least 1 sample, got {size}")
    n = torch.arange(size, device=device)
    # kn modulo N before the cosine, and in float64: the angle of a large product would be rounded.
    angle = (n[:, None] * n % size).double() * (2 * math.pi / size)
    matrix = torch.polar(torch.full_like(angle, 1 / size if inverse else 1.0), angle if inverse else -angle)
    return matrix.to(dtype)


@same_kind
def dft(x: Tensor) -> Tensor:
    """Discrete Fourier transform of any length by its definition: N² multiplications.

    Args:
        x: (…, N), real or complex.

    Returns:
        (…, N), complex64 or complex128. Differentiable.

    Derived in unit 01_dft.

    >>> dft(torch.tensor([1.0, 0.0, 0.0, 0.0])).real
    tensor([1., 1., 1., 1.])
    """
    kind = _complex(x.dtype)
    return x.to(kind) @ dft_matrix(x.shape[-1], dtype=kind, device=x.device)


@same_kind
def idft(X: Tensor) -> Tensor:
    """Inverse of `dft`: x[n] = 1/N Σ_k X[k] e^{2πi kn/N}; (…, N), complex.

    Derived in unit 01_dft.

    >>> idft(dft(torch.tensor([3.0, 1.0, 2.0]))).real.round(decimals=4)
    tensor([3., 1., 2.])
    """
    kind = _complex(X.dtype)
    return X.to(kind) @ dft_matrix(X.shape[-1], inverse=True, dtype=kind, device=X.device)


@same_kind
def dtft(x: Tensor, frequencies: Tensor, *, sr: float = 1.0) -> Tensor:
    """The spectrum of x at any frequencies: Σ_n x[n] e^{−2πi f n/sr}, the curve that a DFT samples.

    Args:
        x: (…, samples), real or complex; zero outside.
        frequencies: (K,) in the unit of `sr`.
        sr: samples per second (or per cycle, with the default 1).

    Returns:
        (…, K), complex. Differentiable.

    Derived in unit 01_dft.

    >>> dtft(torch.ones(8), torch.tensor([0.0, 1 / 8])).abs().round(decimals=5)
    tensor([8., 0.])
    """
    kind = _complex(x.dtype)
    n = torch.arange(x.shape[-1], dtype=torch.float64, device=x.device)
    cycles = torch.outer(n, to_tensor(frequencies).to(n) / sr)
    turns = torch.polar(torch.ones_like(cycles), -2 * math.pi * (cycles - cycles.floor()))
    return x.to(kind) @ turns.to(kind)


@same_kind
def fft_radix2(x: Tensor) -> Tensor:
    """Fast Fourier transform of a power of two of samples: N/2·log2 N complex multiplications.

    Decimation in time, bottom up: all DFTs of one sample first (they are the samples), then each step joins pairs of
    DFTs of length M to DFTs of length 2M by E[k] ± e^{−2πi k/2M} O[k].

    Args:
        x: (…, N), real or complex, N a power of two.

    Returns:
        (…, N), complex64 or complex128. Differentiable.

    Raises:
        ValueError: N is not a power of two.

    Derived in unit 01_dft.

    >>> fft_radix2(torch.tensor([0.0, 1.0, 0.0, 0.0])).imag.round(decimals=5)
    tensor([ 0., -1.,  0.,  1.])
    """
    size = x.shape[-1]
    if size < 1 or size & (size - 1):
        raise ValueError(f"the radix-2 FFT needs a power of two of samples, got {size}")
    # (…, M, N/M): column j holds the DFT of the samples j, j + N/M, j + 2N/M, …
    X = x.to(_complex(x.dtype)).unsqueeze(-2)
    half = 1
    while half < size:
        even, odd = X.chunk(2, dim=-1)
        k = torch.arange(half, dtype=torch.float64, device=x.device)
        twisted = odd * torch.exp(-1j * math.pi / half * k).to(X.dtype)[:, None]
        X = torch.cat([even + twisted, even - twisted], dim=-2)
        half *= 2
    return X.squeeze(-1)


def multiplications(size: int) -> dict[str, int]:
    """Complex multiplications of one transform of `size` samples: {"dft": N², "fft": N/2·log2 N}. From unit 01_dft.

    Raises:
        ValueError: `size` is not a power of two.

    >>> multiplications(1024)
    {'dft': 1048576, 'fft': 5120}
    """
    if size < 1 or size & (size - 1):
        raise ValueError(f"the radix-2 FFT needs a power of two of samples, got {size}")
    return {"dft": size**2, "fft": size // 2 * (size.bit_length() - 1)}

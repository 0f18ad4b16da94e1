"""Frame by frame, from the cepstrum of the frames"""

import torch

from course_lib import signal


def cross_synthesis(carrier, modulator, cutoff, n_fft=1024, hop=256):
    X, M = (signal.stft(z.double(), n_fft, hop) for z in (carrier, modulator))
    q = torch.arange(n_fft)
    keep = torch.minimum(q, n_fft - q) < cutoff

    def envelope(column):
        c = torch.fft.irfft(column.abs().clamp(min=1e-10).log(), n=n_fft)
        return torch.fft.rfft(c * keep).real.exp()

    columns = [X[..., m] / envelope(X[..., m]) * envelope(M[..., m]) for m in range(X.shape[-1])]
    return signal.istft(torch.stack(columns, -1), hop, length=carrier.shape[-1]).to(carrier.dtype)

"""torchaudio, with every option named"""

import torch
import torchaudio


def mfcc(x, sr, n_mfcc=13, n_mels=40, n_fft=512, hop=160):
    S = torchaudio.transforms.MelSpectrogram(
        int(sr), n_fft, hop_length=hop, n_mels=n_mels, pad_mode="constant", mel_scale="htk", norm=None
    ).to(x.dtype)(x)
    C = torchaudio.functional.create_dct(n_mfcc, n_mels, "ortho").to(x.dtype)
    return (torch.log(S + 1e-6).mT @ C).mT

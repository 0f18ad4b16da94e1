"""torchaudio, after clipping."""

from torchaudio.functional import mu_law_decoding, mu_law_encoding


def mu_law(x, classes=256):
    k = mu_law_encoding(x.clamp(-1, 1), classes)
    return k, mu_law_decoding(k, classes)

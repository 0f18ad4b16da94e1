"""the library function"""

from course_lib import signal


def mel_filterbank(n_mels, n_fft, sr, f_min, f_max, scale="fant"):
    return signal.mel_filterbank(n_mels, n_fft, sr, f_min=f_min, f_max=f_max, scale=scale)

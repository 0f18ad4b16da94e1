"""the library function"""

from course_lib import signal


def mfcc(x, sr, n_mfcc=13, n_mels=40, n_fft=512, hop=160):
    return signal.mfcc(x, sr, n_mfcc=n_mfcc, n_mels=n_mels, n_fft=n_fft, hop=hop)

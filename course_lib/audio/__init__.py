"""Audio files, sampling rates and levels.

Conventions of the whole course:
    - a signal is float32 between -1 and 1; 0 dBFS is full scale
    - one channel has shape (samples,), several have shape (channels, samples)
    - levels are in dBFS of the RMS value, so a full-scale sine has -3.01 dBFS

Files go through libsndfile (package soundfile): wav, flac, ogg and mp3. Derived in unit 00_start.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "files": ["SUFFIXES", "Info", "info", "read", "write"],
        "levels": ["peak_dbfs", "rms_dbfs", "set_level"],
        "rates": ["resample"],
        "valid": ["AudioError"],
    },
)

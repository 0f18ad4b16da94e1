"""Checks that see only data: one module per unit, the same in the notebook and in the grader.

A check takes an answer (a function or a class), feeds it inputs, and compares what comes back with an independent
oracle. It never looks at the answer itself, so the answer may as well run in another process.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submodules=[
        "attention", "cqt", "ctc", "deep_speech", "dft", "dtw_hmm", "features", "scattering", "sinusoidal",
        "source_filter", "start", "stft", "tasnet", "trained", "wavenet",
    ],
    submod_attrs={"core": ["CheckFailed", "grading_rng"]},
)

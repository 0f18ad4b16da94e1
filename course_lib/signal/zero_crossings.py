"""Zero-crossing rate: how often the sign changes. High for noise and /s/, low for voiced sounds.

Derived in unit 04_features. Paper: B. Kedem, "Spectral analysis and discrimination by zero-crossings", Proc.
IEEE, 1986.
"""

from torch import Tensor

from course_lib.signal.array_kind import same_kind
from course_lib.signal.framing import frame


@same_kind
def zero_crossing_rate(x: Tensor, length: int = 1024, hop: int = 256) -> Tensor:
    """Share of neighbouring samples of a frame whose signs differ; 0 counts as positive.

    Args:
        x: (..., samples). Not differentiable: a sign has no slope.
        length, hop: samples per frame and between frames, not centred.

    Returns:
        (..., frames) between 0 and 1; times sr/2 it is the frequency of a sinusoid, in Hz.

    Raises:
        ValueError: a frame of fewer than two samples.

    >>> zero_crossing_rate([1.0, -1.0, 1.0, 1.0, 0.0], 5, 1)
    array([0.5])
    """
    if length < 2:
        raise ValueError(f"a frame needs at least two samples, got {length}")
    negative = frame(x, length, hop) < 0
    changes = negative[..., 1:] != negative[..., :-1]
    return changes.to(x.dtype).mean(-1)

"""Which machine a notebook runs on, how long it may take, and what that machine does fast.

`get` names the torch device, `profile` the size of experiment, `choose` picks a value for that size, `report` says what
the machine is, and `benchmark` measures it.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "benchmarking": ["benchmark"],
        "choice": ["PROFILES", "DeviceError", "choose", "get", "profile"],
        "reporting": ["Report", "report"],
    },
)

"""The torch device and the profile (size of experiment) of this session."""

import os
from typing import TypeVar

import torch

PROFILES = ("smoke", "laptop", "full")
T = TypeVar("T")


class DeviceError(ValueError):
    """COURSE_DEVICE or COURSE_PROFILE names something that does not exist here; the message lists what does."""


def get() -> torch.device:
    """The device to compute on: CUDA if present, else Apple's MPS, else the CPU.

    The environment variable COURSE_DEVICE overrides the choice: "cpu", "cuda", "cuda:1", "mps".

    Returns:
        A torch.device.

    Raises:
        DeviceError: COURSE_DEVICE names a device that this machine or this torch does not have.

    Used from unit 00_start on.
    """
    wanted = os.environ.get("COURSE_DEVICE", "").strip().lower()
    names = available()
    if not wanted:
        return torch.device(names[0])
    if wanted not in names:
        raise DeviceError(f"COURSE_DEVICE={wanted!r} is not available here: use one of {', '.join(names)}.")
    return torch.device(wanted)


def available() -> list[str]:
    """Names that COURSE_DEVICE accepts on this machine, the preferred one first."""
    names = []
    if torch.cuda.is_available():
        names += ["cuda", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        names.append("mps")
    return [*names, "cpu"]


def profile() -> str:
    """The size of experiment: "smoke" (seconds, proves that it runs), "laptop" (minutes on a CPU) or "full" (GPU).

    The environment variable COURSE_PROFILE decides; without it, "full" on a CUDA device and "laptop" elsewhere.

    Raises:
        DeviceError: COURSE_PROFILE is none of the three.

    Used from unit 00_start on.
    """
    wanted = os.environ.get("COURSE_PROFILE", "").strip().lower()
    if not wanted:
        return "full" if get().type == "cuda" else "laptop"
    if wanted not in PROFILES:
        raise DeviceError(f"COURSE_PROFILE={wanted!r} is no profile: use one of {', '.join(PROFILES)}.")
    return wanted


def choose(*, smoke: T, laptop: T, full: T) -> T:
    """The value for the current profile.

    >>> import os; os.environ["COURSE_PROFILE"] = "smoke"
    >>> choose(smoke=20, laptop=2000, full=20_000)
    20
    """
    return {"smoke": smoke, "laptop": laptop, "full": full}[profile()]

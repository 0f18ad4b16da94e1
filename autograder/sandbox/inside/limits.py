"""The kernel's own limits on a student's process and its children."""

import contextlib
import resource

from autograder.sandbox.inside import system

OPEN_FILES = 512
GRACE_SECONDS = 2


def apply(limits: dict, data: int, *, isolated: bool) -> None:
    """Set every limit for this process and all that it will start.

    Args:
        limits: the fields of `autograder.model.limits.Limits` by name.
        data: bytes that the process has already; they do not count.
        isolated: whether processes are counted per session, as they are in a user namespace. Elsewhere the count
            would hold all processes of the user against this one.
    """
    cpu = max(int(limits["cell_cpu_seconds"]), 1)
    wanted = {"FSIZE": limits["file_bytes"], "CORE": 0, "NOFILE": OPEN_FILES, "MSGQUEUE": 0, "MEMLOCK": 0,
              "RTPRIO": 0, "NICE": 0}
    if system.is_linux():
        wanted["DATA"] = data + limits["memory_bytes"]
    if isolated:
        wanted["NPROC"] = limits["processes"] + 1  # the guard counts
    for name, most in wanted.items():
        _limit(name, most, most)
    _limit("CPU", cpu, cpu + GRACE_SECONDS)


def _limit(name: str, soft: int, hard: int) -> None:
    which = getattr(resource, f"RLIMIT_{name}", None)
    if which is None:
        return
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    with contextlib.suppress(ValueError, OSError):  # a system that lacks one of them still has the others
        resource.setrlimit(which, (soft, hard))

"""The kernel's own limits on a student's process and its children."""

import contextlib
import platform
import re
import resource

from autograder.sandbox.inside import system

OPEN_FILES = 256  # each may hold a buffer in the kernel that nothing else counts
GRACE_SECONDS = 2


def apply(limits: dict, data: int, *, isolated: bool) -> None:
    """Set every limit for this process and all that it will start.

    Args:
        limits: the fields of `autograder.model.limits.Limits` by name.
        data: bytes that the process has already; they do not count.
        isolated: whether this process is in a user namespace of its own. There, from Linux 5.14 on, processes are
            counted per namespace; elsewhere all processes of the user would count, and the guard has to suffice.
    """
    cpu = max(int(limits["cell_cpu_seconds"]), 1)
    wanted = {"FSIZE": limits["file_bytes"], "CORE": 0, "NOFILE": OPEN_FILES, "MSGQUEUE": 0, "MEMLOCK": 0,
              "RTPRIO": 0, "NICE": 0}
    if system.is_linux():
        wanted["DATA"] = data + limits["memory_bytes"]
    if isolated and _kernel() >= (5, 14):
        wanted["NPROC"] = limits["processes"] + 1  # the guard counts
    for name, most in wanted.items():
        _limit(name, most, most)
    _limit("CPU", cpu, cpu + GRACE_SECONDS)


def _kernel() -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", platform.release())[:2]))


def _limit(name: str, soft: int, hard: int) -> None:
    which = getattr(resource, f"RLIMIT_{name}", None)
    if which is None:
        return
    _, most = resource.getrlimit(which)
    if most != resource.RLIM_INFINITY:
        soft, hard = min(soft, most), min(hard, most)
    with contextlib.suppress(ValueError, OSError):  # a system that lacks one of them still has the others
        resource.setrlimit(which, (soft, hard))

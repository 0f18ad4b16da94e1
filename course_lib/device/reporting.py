"""What this machine is, in one paragraph: processor, memory, accelerator, and the precisions that run fast on it."""

import os
import platform
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import torch

from course_lib.device.choice import get, profile

GIB = 2**30
PRECISIONS = ("float32", "tf32", "bf16", "fp16")


@dataclass(frozen=True)
class Report:
    """What `report` found; memory in GiB.

    Attributes:
        device: the torch device as text, e.g. "cuda".
        name: the accelerator's name, or the processor's on a CPU.
        cpu: the processor's name.
        threads: threads that torch uses for one operation.
        memory: memory this process may use.
        device_memory: the accelerator's own memory; None on a CPU and where it is shared (MPS).
        precisions: for float32, tf32, bf16 and fp16, whether the hardware computes with it at full speed.
        torch: torch's version.
        profile: the profile in force.
    """

    device: str
    name: str
    cpu: str
    threads: int
    memory: float
    device_memory: float | None
    torch: str
    profile: str
    precisions: dict[str, bool] = field(default_factory=dict)

    def __str__(self) -> str:
        fast = [name for name in PRECISIONS if self.precisions.get(name)]
        slow = [name for name in PRECISIONS if not self.precisions.get(name)]
        where = f"{self.device.upper()} device {self.name}" if self.device != "cpu" else "CPU only"
        own = f" with {self.device_memory:.0f} GiB" if self.device_memory else ""
        emulated = f"; no speed to gain from {', '.join(slow)}" if slow else ""
        return (
            f"{where}{own}. Processor: {self.cpu}, {self.threads} threads, {self.memory:.1f} GiB of memory. "
            f"Fast precisions: {', '.join(fast)}{emulated}. torch {self.torch}, profile {self.profile}."
        )


def report() -> Report:
    """Describe the machine that this session computes on.

    Returns:
        A `Report`; `str(report)` is one paragraph.

    Raises:
        DeviceError: COURSE_DEVICE or COURSE_PROFILE names something that does not exist.

    Used in unit 00_start.
    """
    device = get()
    name, device_memory = cpu_name(), None
    if device.type == "cuda":
        properties = torch.cuda.get_device_properties(device)
        name, device_memory = properties.name, properties.total_memory / GIB
    elif device.type == "mps":
        name = f"{cpu_name()} GPU"
    return Report(
        device=str(device),
        name=name,
        cpu=cpu_name(),
        threads=torch.get_num_threads(),
        memory=memory_gib(),
        device_memory=device_memory,
        torch=torch.__version__,
        profile=profile(),
        precisions=fast_precisions(device),
    )


def fast_precisions(device: torch.device) -> dict[str, bool]:
    """Whether `device` has units for each precision (not merely an emulation that gives the right number slowly)."""
    if device.type == "cuda":
        capability = torch.cuda.get_device_capability(device)
        ampere = capability >= (8, 0)
        return {"float32": True, "tf32": ampere, "bf16": ampere, "fp16": capability >= (7, 0)}
    if device.type == "mps":
        return {"float32": True, "tf32": False, "bf16": "FEAT_BF16" in _cpu_flags(), "fp16": True}
    flags = _cpu_flags()
    return {
        "float32": True,
        "tf32": False,
        "bf16": bool(flags & {"avx512_bf16", "amx_bf16", "bf16", "FEAT_BF16"}),
        "fp16": bool(flags & {"avx512_fp16", "amx_fp16", "asimdhp", "FEAT_FP16"}),
    }


def cpu_name() -> str:
    """The processor's name as its maker writes it, or its architecture where the system does not tell."""
    if platform.system() == "Linux":
        for line in _lines("/proc/cpuinfo"):
            if line.lower().startswith("model name"):
                return " ".join(line.partition(":")[2].split())
    if platform.system() == "Darwin":
        return _sysctl("machdep.cpu.brand_string") or platform.machine()
    return platform.processor() or platform.machine() or "unknown processor"


def memory_gib() -> float:
    """Memory that this process may use, in GiB: the machine's, or a container's limit where that is lower."""
    import psutil

    total = psutil.virtual_memory().total
    for limit in _lines("/sys/fs/cgroup/memory.max") + _lines("/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        if limit.strip().isdigit():
            total = min(total, int(limit))
    return total / GIB


def _cpu_flags() -> set[str]:
    """Instruction-set flags: Linux names from /proc/cpuinfo, Apple's FEAT_* names on a Mac, none on Windows."""
    if platform.system() == "Darwin":
        return {f for f in ("FEAT_BF16", "FEAT_FP16") if _sysctl(f"hw.optional.arm.{f}") == "1"}
    for line in _lines("/proc/cpuinfo"):
        if line.lower().startswith(("flags", "features")):
            return set(line.partition(":")[2].split())
    return set()


def _lines(path: str | os.PathLike) -> list[str]:
    try:
        return Path(path).read_text(errors="replace").splitlines()
    except OSError:
        return []


def _sysctl(name: str) -> str:
    try:
        done = subprocess.run(["sysctl", "-n", name], capture_output=True, text=True, timeout=5, check=False)
    except OSError:
        return ""
    return done.stdout.strip()

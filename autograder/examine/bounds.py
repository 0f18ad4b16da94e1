"""Bounds on the trusted side: a check fed with odd data may neither run nor grow without end."""

import contextlib
import ctypes
import sys
import threading
from collections.abc import Iterator
from pathlib import Path


class CheckTooSlow(BaseException):
    """A check took more time than it may. Not an Exception: no check catches it."""


@contextlib.contextmanager
def bounded(seconds: float, memory_bytes: int) -> Iterator[None]:
    """Run the block for at most `seconds` and with at most `memory_bytes` more memory than now.

    Raises:
        CheckTooSlow: in the block, as soon as Python runs there again.
        MemoryError: in the block (torch raises RuntimeError).
    """
    with _memory(memory_bytes), _time(seconds):
        yield


@contextlib.contextmanager
def _time(seconds: float) -> Iterator[None]:
    """An exception set from a timer's thread: works in any thread, where signals need the main one."""
    thread, lock, over = threading.get_ident(), threading.Lock(), False

    def interrupt() -> None:
        with lock:
            if not over:
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(CheckTooSlow))

    timer = threading.Timer(seconds, interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        with lock:
            over = True
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), None)
        timer.cancel()


@contextlib.contextmanager
def _memory(more: int) -> Iterator[None]:
    """A lower soft limit on this process's data; where the system has none, no bound."""
    now = _data_bytes()
    if now is None:
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = now + more
    if soft != resource.RLIM_INFINITY:
        wanted = min(wanted, soft)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _data_bytes() -> int | None:
    if not sys.platform.startswith("linux"):
        return None
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return None

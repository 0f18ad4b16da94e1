"""The warm process: the libraries imported and the setup cell run once, then one fork per session."""

import contextlib
import gc
import importlib
import os
import resource
import selectors
import signal
import socket
import traceback

from autograder.sandbox.inside import numba_cache, student, system
from autograder.sandbox.inside.messages import receive_message, send_message
from autograder.sandbox.inside.shell import make_shell

POLL = 0.01


def main(keeper: socket.socket, header: dict) -> None:
    """Get warm, say so, and serve the keeper until it closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # what an import makes stays: looking for garbage in between only costs time
    try:
        numba_cache.fill()
        for name in header["preload"]:
            importlib.import_module(name)
        shell = make_shell(header["setup"])
        module, _, name = header["server"].partition(":")
        serve = getattr(importlib.import_module(module), name)
    except Exception:
        send_message(keeper, {"refused": traceback.format_exc(limit=-3)})
        return
    gc.enable()
    gc.collect()
    gc.freeze()  # children then do not copy pages only to mark what they never free
    send_message(keeper, {"ready": True})
    Warm(keeper, shell, serve).serve()


class Warm:
    """Forks and reaps the students' processes.

    Args:
        keeper: socket on which the keeper asks for forks.
        shell: the IPython shell that has run the setup cell.
        serve: called as `serve(shell, channel)` in each fork.
    """

    def __init__(self, keeper: socket.socket, shell, serve):
        self.keeper, self.shell, self.serve_requests = keeper, shell, serve
        self.children: dict[int, socket.socket] = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(keeper, selectors.EVENT_READ)

    def serve(self) -> None:
        """Until the keeper closes."""
        while True:
            for key, _ in self.selector.select(timeout=POLL if self.children and not _pidfds() else None):
                if key.fileobj is self.keeper:
                    try:
                        self.fork(*receive_message(self.keeper))
                    except (EOFError, ConnectionError):
                        return
                else:
                    self.selector.unregister(key.fileobj)
                    os.close(key.fileobj)
            self.reap()

    def fork(self, wanted: dict, descriptors: list[int]) -> None:
        """Fork one student's process, into the namespaces of its guard if there is one."""
        channel, output, status_descriptor, *guard = descriptors
        status = socket.socket(fileno=status_descriptor)
        try:
            if guard:
                system.setns(guard[0], system.CLONE_NEWPID)
            data = _data_bytes()
            pid = os.fork()
            if pid == 0:
                student.main(self.shell, self.serve_requests, wanted, data, channel, output, status, guard)
            send_message(status, {"pid": pid})
            self.children[pid] = status
            if _pidfds():
                self.selector.register(os.pidfd_open(pid), selectors.EVENT_READ)
        except OSError:
            send_message(status, {"failed": traceback.format_exc(limit=-2)})
            status.close()
        finally:
            for descriptor in (channel, output, *guard):
                os.close(descriptor)

    def reap(self) -> None:
        """Collect ended children and tell their guards. The memory of one is what it had beyond ours."""
        while self.children:
            pid, status, usage = os.wait4(-1, os.WNOHANG)
            if not pid:
                return
            sock = self.children.pop(pid, None)
            if sock is not None:
                ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
                peak = max(usage.ru_maxrss - ours, 0) * (1024 if system.is_linux() else 1)
                with contextlib.suppress(OSError):  # the guard has gone
                    send_message(sock, {"exit": status, "peak": peak})
                sock.close()


def _pidfds() -> bool:
    return hasattr(os, "pidfd_open")


def _data_bytes() -> int:
    """Private writable memory of this process as RLIMIT_DATA counts it, in bytes."""
    if not system.is_linux():
        return 0
    with open("/proc/self/statm") as file:
        return int(file.read().split()[5]) * os.sysconf("SC_PAGE_SIZE")

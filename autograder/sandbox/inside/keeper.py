"""The keeper: the small process that starts the warm one and makes a place for each session.

Started as `python -m autograder.sandbox.inside.keeper CONFIG`, with CONFIG in JSON:
`isolation` ("namespaces", or "none" for a session without any), `user` (number to become when started by root, or
null), and the control socket as `descriptor` or as `socket`, a path. The first message on the control socket is the
header {setup, preload, server}; the answer is {"ready": true} or {"refused": why}. After that every message asks for a
session: {limits, names, folder} with the descriptors of its channel, its report, and its files.

It ends when the control socket closes: when the grader dies, however it dies, everything here dies with it.
"""

import contextlib
import json
import os
import select
import shutil
import signal
import socket
import sys
import time
import traceback

from autograder.sandbox.inside import guard, place, system, warm
from autograder.sandbox.inside.messages import receive_message, send_message


def main() -> None:
    """Serve the control socket until it closes."""
    config = json.loads(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the grader, which then closes us in good order
    control = _connect(config)
    try:
        header, _ = receive_message(control)
        if config["user"] is not None and os.getuid() == 0:
            system.become(config["user"])
        if config["isolation"] == "namespaces":
            system.new_user_namespace()
        keeper = Keeper(control, config["isolation"], header)
    except Exception:
        send_message(control, {"refused": traceback.format_exc(limit=-2)})
        return
    keeper.serve()
    keeper.warm.close()
    os.close(keeper.alive)
    if config.get("home"):
        _wait_for_children()
        shutil.rmtree(config["home"], ignore_errors=True)


def _connect(config: dict) -> socket.socket:
    if config.get("socket"):
        control = socket.socket(socket.AF_UNIX)
        control.connect(config["socket"])
        return control
    return socket.socket(fileno=config["descriptor"])


class Keeper:
    """Holds the control socket and the warm process.

    Args:
        control: connected to the grader.
        isolation: "namespaces" or "none".
        header: what the warm process needs.
    """

    def __init__(self, control: socket.socket, isolation: str, header: dict):
        self.control, self.isolation = control, isolation
        self.proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY) if system.is_linux() else None
        if system.is_linux():
            system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)
        self.life, self.alive = os.pipe()  # the guards see it close when this process dies
        self.warm, child = socket.socketpair()
        if os.fork() == 0:
            system.close_all_but(child.fileno())
            _leave(warm.main, child, header)
        child.close()

    def serve(self) -> None:
        """Until the grader or the warm process is gone."""
        while True:
            readable, _, _ = select.select([self.control, self.warm], [], [], 1.0)
            _reap()
            try:
                if self.warm in readable:
                    send_message(self.control, receive_message(self.warm)[0])
                if self.control in readable:
                    self.start(*receive_message(self.control))
            except (EOFError, ConnectionError):
                return

    def start(self, wanted: dict, descriptors: list[int]) -> None:
        """Make the place of one session; what goes wrong is told on its report socket."""
        pid = os.fork()
        if pid == 0:
            _leave(self._make, wanted, descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        os.waitpid(pid, 0)

    def _make(self, wanted: dict, descriptors: list[int]) -> None:
        """In a process of its own, which ends once the guard runs and the warm process knows of it."""
        channel, report, *files = descriptors
        with telling(report):
            if self.isolation == "namespaces":
                place.enter(wanted["limits"]["file_bytes"])
            place.copy(files, wanted["names"], wanted["folder"])
            output, printed = os.pipe()
            ours, theirs = socket.socketpair()
            pid = os.fork()
            if pid == 0:
                kept = (report, output, ours.fileno(), self.life, self.proc)
                system.close_all_but(*(descriptor for descriptor in kept if descriptor is not None))
                isolated = self.isolation == "namespaces"
                _leave(guard.main, report, output, ours, self.proc, self.life, isolated, wanted)
            to_warm = [channel, printed, theirs.fileno()]
            if self.isolation == "namespaces":
                to_warm.append(os.pidfd_open(pid))
            send_message(self.warm, {"limits": wanted["limits"], "folder": wanted["folder"]}, to_warm)


@contextlib.contextmanager
def telling(report: int):
    """Send on the report socket what goes wrong in the block, before raising it again."""
    try:
        yield
    except Exception:
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(report)) as sock:
            send_message(sock, {"failed": traceback.format_exc(limit=-2)})
        raise


def _leave(function, *arguments) -> None:
    """Run `function` as the rest of this process's life."""
    try:
        function(*arguments)
        sys.stderr.flush()
    except BaseException:
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _reap() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _wait_for_children(seconds: float = 3.0) -> None:
    deadline = time.monotonic() + seconds
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(0.01)


if __name__ == "__main__":
    main()

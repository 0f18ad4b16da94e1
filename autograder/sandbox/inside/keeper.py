"""The keeper: the small process that starts the warm one and makes a place for each session.

Started as `python -m autograder.sandbox.inside.keeper CONFIG`, with CONFIG in JSON:
`isolation` ("namespaces", or "none" for a session without any), `user` (number to become when started by root, or
null), `again` (see `place.enter`), `home` (a folder to remove at the end), and the control socket as `descriptor` or as
`socket`, a path. The first message on the control socket is the header {setup, preload, server}; the answer is
{"ready": true} or {"refused": why}. After that every message asks for a session: {limits, names, folder} with the
descriptors of its channel, its report, and its files.

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
from autograder.sandbox.inside.watch import children


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
        keeper = Keeper(control, config["isolation"], header, config.get("again", []))
    except Exception:
        send_message(control, {"refused": traceback.format_exc(limit=-2)})
        return
    keeper.serve()
    keeper.end()
    if config.get("home"):
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
        again: see `place.enter`.
    """

    def __init__(self, control: socket.socket, isolation: str, header: dict, again: list[list[str]]):
        self.control, self.isolation, self.again = control, isolation, again
        self.guards: set[int] = set()
        self.proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY) if system.is_linux() else None
        if system.is_linux():
            system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)
        self.life, self.alive = os.pipe()  # the guards see it close when this process dies
        self.warm, child = socket.socketpair()
        self.warm_pid = os.fork()
        if self.warm_pid == 0:
            system.close_all_but(child.fileno())
            _leave(warm.main, child, header)
        child.close()

    def serve(self) -> None:
        """Until the grader or the warm process is gone."""
        while True:
            readable, _, _ = select.select([self.control, self.warm], [], [], 1.0)
            self.reap()
            try:
                if self.warm in readable:
                    send_message(self.control, receive_message(self.warm)[0])
                if self.control in readable:
                    self.start(*receive_message(self.control))
            except (EOFError, ConnectionError):
                return

    def start(self, wanted: dict, descriptors: list[int]) -> None:
        """Make the place of one session; what goes wrong is told on its report socket."""
        made, told = os.pipe()
        pid = os.fork()
        if pid == 0:
            _leave(self._make, wanted, descriptors, told)
        for descriptor in (*descriptors, told):
            os.close(descriptor)
        os.waitpid(pid, 0)
        if number := os.read(made, 32):
            self.guards.add(int(number))
        os.close(made)

    def reap(self) -> None:
        """Collect what has ended. Without a PID namespace, also end what dead sessions left behind.

        That is our child now; a session that lives adopts its own orphans.
        """
        with contextlib.suppress(ChildProcessError):
            while pid := os.waitpid(-1, os.WNOHANG)[0]:
                self.guards.discard(pid)
        if self.isolation == "none" and self.proc is not None:
            for pid in children(self.proc) - self.guards - {self.warm_pid}:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)

    def end(self, seconds: float = 3.0) -> None:
        """Let the warm process and the guards end, and wait for them."""
        self.warm.close()
        os.close(self.alive)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and (self.proc is None or children(self.proc)):
            self.reap()
            time.sleep(0.01)

    def _make(self, wanted: dict, descriptors: list[int], told: int) -> None:
        """In a process of its own, which ends once the guard runs and the warm process knows of it."""
        channel, report, *files = descriptors
        with telling(report):
            if self.isolation == "namespaces":
                place.enter(wanted["limits"]["file_bytes"], self.again)
            place.copy(files, wanted["names"], wanted["folder"])
            output, printed = os.pipe()
            ours, theirs = socket.socketpair()
            pid = os.fork()
            if pid == 0:
                kept = (report, output, ours.fileno(), self.life, self.proc)
                system.close_all_but(*(descriptor for descriptor in kept if descriptor is not None))
                isolated = self.isolation == "namespaces"
                _leave(guard.main, report, output, ours, self.proc, self.life, isolated, wanted)
            os.write(told, str(pid).encode())
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


if __name__ == "__main__":
    main()

"""The guard of one session: drains what is printed, watches the limits, ends everything, reports how it ended.

In the sandbox it is the first process of the session's PID namespace: nothing inside can signal it, and when it ends
the kernel ends all others. It never runs a student's code.
"""

import contextlib
import os
import select
import signal
import socket
import time

from autograder.sandbox.inside import system
from autograder.sandbox.inside.messages import receive_message, send_message
from autograder.sandbox.inside.output import Output
from autograder.sandbox.inside.watch import Usage, Watch

INTERVAL = 0.05
PATIENCE = 3.0


def main(report: int, output: int, status: socket.socket, proc: int | None, life: int, isolated: bool,
         wanted: dict) -> None:
    """Guard one session to its end."""
    with contextlib.suppress(BrokenPipeError):  # the grader is gone, and so is everything else by now
        Guard(socket.socket(fileno=report), Output(output, wanted["limits"]["output_bytes"]), status, proc, life,
              isolated, wanted["limits"]).run()


class Guard:
    """See the module.

    Args:
        report: to the grader: {"started": true} or {"failed": why}, later {"end": …}; it asks us to end by closing.
        output: reads what the session prints.
        status: from the warm process: {"pid"}, {"ready"}, and {"exit", "peak"} when the student's process has ended.
        proc: an open /proc in which the session can be seen, or None where there is none.
        life: a pipe whose other end closes when the keeper dies.
        isolated: whether this is the first process of a PID namespace.
        limits: as numbers by name.
    """

    def __init__(self, report, output, status, proc, life, isolated, limits):
        self.report, self.output, self.status = report, output, status
        self.proc, self.life, self.isolated, self.limits = proc, life, isolated, limits
        self.pid, self.watch, self.ended, self.reason, self.closing = 0, None, None, "", False
        self.peak, self.base, self.seen = 0, 0, set()

    def run(self) -> None:
        """Until the student's process ends, breaks a limit, or is not wanted any more."""
        looked = 0.0
        while self.ended is None and not self.reason and not self.closing:
            self._step(INTERVAL)
            if self.watch is not None and time.monotonic() - looked >= INTERVAL:
                looked = time.monotonic()
                self._look()
        how = self._how()
        self._kill()
        message = {"how": how, "output": self.output.text(), "output_bytes": self.output.total,
                   "peak_bytes": self.peak}
        with contextlib.suppress(BrokenPipeError):
            send_message(self.report, {"end": message})

    def _step(self, seconds: float) -> None:
        waiting = [self.report, self.status, self.life] + ([self.output.descriptor] if self.output.open else [])
        readable, _, _ = select.select([d for d in waiting if d is not None], [], [], seconds)
        if self.output.descriptor in readable:
            self.output.read()
        if self.status in readable:
            self._hear()
        if self.report in readable or self.life in readable:  # they only ever close
            self.closing = True

    def _hear(self) -> None:
        try:
            message, _ = receive_message(self.status)
        except (EOFError, ConnectionError):  # the warm process died
            self.ended, self.status = -signal.SIGKILL, None
            return
        if "pid" in message:
            self.pid = message["pid"]
            if self.proc is not None:
                self.watch = Watch(self.proc, self.pid)
        elif "ready" in message:
            self._release()
        elif "exit" in message:
            self.ended = os.waitstatus_to_exitcode(message["exit"])
            self.peak = max(self.peak, message["peak"])
        elif "failed" in message:
            send_message(self.report, message)

    def _release(self) -> None:
        """The student's process has joined our namespaces: give up all power over them, then let it run."""
        if self.isolated:
            system.drop_capabilities()
        send_message(self.report, {"started": True})
        with contextlib.suppress(OSError):
            self.status.send(b"!")

    def _look(self) -> None:
        usage = self.watch.usage()
        self.seen |= set(usage.pids)
        memory = usage.memory + self._files()
        self.peak = max(self.peak, memory)
        self.reason = self._broken(usage, memory)

    def _files(self) -> int:
        """Bytes in the private /tmp, which is memory too."""
        if not self.isolated:
            return 0
        room = os.statvfs("/tmp")
        return (room.f_blocks - room.f_bfree) * room.f_frsize

    def _broken(self, usage: Usage, memory: int) -> str:
        if memory > self.limits["memory_bytes"]:
            return "memory"
        if usage.processes > self.limits["processes"]:
            return "processes"
        if usage.cpu > self.limits["cell_cpu_seconds"]:
            return "CPU time"
        return ""

    def _how(self) -> str:
        if self.closing:
            return "closed"
        if self.ended is None:
            return f"signal 9 ({self.reason})"
        if self.ended >= 0:
            return f"exit status {self.ended}"
        why = " (CPU time)" if -self.ended == signal.SIGXCPU else ""
        return f"signal {-self.ended}{why}"

    def _kill(self) -> None:
        """End every process of the session, wait until none is left, and take the rest of what they printed."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            alive = self._kill_once()
            self.output.read(64)
            if not alive and not (self.isolated and self.output.open):
                break
            if self.status is not None and select.select([self.status], [], [], 0.005)[0]:
                self._hear()
            else:
                time.sleep(0.002)
        self.output.read(64)

    def _kill_once(self) -> bool:
        """Whether anything was left to kill."""
        if self.isolated:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        else:
            if self.watch is not None:
                self.seen |= set(self.watch.usage().pids)
            for pid in self.seen | ({self.pid} if self.pid else set()):
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL) if self.pid else None
        orphans = True
        while orphans:
            try:
                orphans = bool(os.waitpid(-1, os.WNOHANG)[0])
                if not orphans:
                    return True
            except ChildProcessError:
                orphans = False
        return self.ended is None and self.status is not None and bool(self.pid)

"""The start of a student's process: join the guard's namespaces, give everything up, serve."""

import contextlib
import os
import signal
import socket
import sys
import traceback

from autograder.sandbox.inside import limits, syscalls, system
from autograder.sandbox.inside.messages import Channel, send_message


def main(shell, serve, wanted: dict, data: int, channel: int, output: int, status: socket.socket,
         guard: list[int]) -> None:
    """The rest of this process's life.

    Args:
        shell, serve: `serve(shell, channel)` answers requests until the channel closes.
        wanted: {limits, folder}.
        data: bytes of private memory at the start, which do not count.
        channel, output, status: descriptors: to the grader, for what is printed, to the guard.
        guard: a pidfd of the guard whose namespaces to join, or nothing.
    """
    code = 1
    try:
        _prepare(wanted, data, output, status, guard, channel)
        status.close()
    except BaseException:
        send_message(status, {"failed": traceback.format_exc(limit=-2)})
        os._exit(1)
    try:
        serve(shell, Channel(socket.socket(fileno=channel)))
        code = 0
    except EOFError:
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else 1
    except BaseException:
        traceback.print_exc()
    finally:
        _flush()
        os._exit(code & 0xFF)


def _prepare(wanted: dict, data: int, output: int, status: socket.socket, guard: list[int], channel: int) -> None:
    if guard:
        system.setns(guard[0], system.CLONE_NEWUSER | system.CLONE_NEWNS | system.CLONE_NEWNET
                     | system.CLONE_NEWIPC | system.CLONE_NEWUTS)
    os.setsid()
    _flush()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    system.close_all_but(channel, status.fileno())
    os.chdir(wanted["folder"])
    os.environ.update(HOME=wanted["folder"], TMPDIR=wanted["folder"])
    if not guard and system.is_linux():
        system.prctl(system.PR_SET_CHILD_SUBREAPER, 1)  # so that its daemons are found where no namespace holds them
    limits.apply(wanted["limits"], data, isolated=bool(guard))
    if guard:
        system.drop_capabilities()
        syscalls.install()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # a process that is killed cannot flush
    signal.signal(signal.SIGINT, signal.default_int_handler)
    send_message(status, {"ready": True})
    if not status.recv(1):
        raise EOFError("the guard has gone")


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # the student may have closed or replaced it
            stream.flush()

"""A student's process by a plain fork, without any isolation: enough to try both ends of the line."""

import os
import socket
from contextlib import suppress

from autograder.audit.warm import make_shell
from autograder.remote.client import Remote
from autograder.remote.frames import read_frame, write_frame
from autograder.remote.server import serve

SETUP = "import numpy as np\nimport torch\nfrom torch import nn\n"
REPLY_BYTES = 8 << 20


class ForkedProcess:
    """A child that runs `serve`; `transport` is what `Remote` needs."""

    def __init__(self, seconds: float = 20.0):
        shell = make_shell(SETUP)
        self.channel, theirs = socket.socketpair()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self.channel.close()
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os.dup2(1, 2)
                serve(shell, theirs)
            finally:
                os._exit(0)
        theirs.close()
        self.channel.settimeout(seconds)

    def transport(self, payload: bytes, limit: int) -> bytes:
        write_frame(self.channel, payload)
        return read_frame(self.channel, limit)

    def close(self) -> None:
        self.channel.close()
        with suppress(ProcessLookupError):
            os.kill(self.pid, 9)
        os.waitpid(self.pid, 0)


class Student:
    """A session with one cell run in it."""

    def __init__(self, cell: str = ""):
        self.process = ForkedProcess()
        self.remote = Remote(self.process.transport, REPLY_BYTES)
        self.fault = self.remote.ask("run_cell", source=cell)

    def __enter__(self) -> "Student":
        return self

    def __exit__(self, *_) -> None:
        self.process.close()

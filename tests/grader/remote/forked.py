"""A student's process by a plain fork, without any isolation: enough to try both ends of the line."""

import os
import socket
import struct
from contextlib import suppress

import torch

from autograder.audit.warm import make_shell
from autograder.remote.client import Remote
from autograder.remote.server import serve

SETUP = "import numpy as np\nimport torch\nfrom torch import nn\n"
REPLY_BYTES = 8 << 20
HEADER = struct.Struct("<Q")


class Channel:
    """Frames of 8 bytes of length and the payload, on one end of a socket pair."""

    def __init__(self, sock: socket.socket):
        self.sock = sock

    def send(self, payload: bytes) -> None:
        self.sock.sendall(HEADER.pack(len(payload)) + payload)

    def receive(self, limit: int = 1 << 40) -> bytes:
        (size,) = HEADER.unpack(self._read(HEADER.size))
        if size > limit:
            raise ConnectionError("too much")
        return self._read(size)

    def _read(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = self.sock.recv(min(size - len(data), 1 << 20))
            if not part:
                raise EOFError("closed")
            data += part
        return bytes(data)


class ForkedProcess:
    """A child that runs `serve`; `transport` is what `Remote` needs."""

    def __init__(self, seconds: float = 20.0):
        shell = make_shell(SETUP)
        ours, theirs = socket.socketpair()
        self.channel = Channel(ours)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                ours.close()
                torch.set_num_threads(1)  # the thread pool of the tests' process does not survive the fork
                os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                os.dup2(1, 2)
                serve(shell, Channel(theirs))
            finally:
                os._exit(0)
        theirs.close()
        ours.settimeout(seconds)

    def transport(self, payload: bytes, limit: int) -> bytes:
        self.channel.send(payload)
        return self.channel.receive(limit)

    def close(self) -> None:
        self.channel.sock.close()
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

"""The grader's end of one student's process: one request, one reply, a deadline on each."""

import contextlib
import json
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from autograder.sandbox.inside.messages import HEADER

PATIENCE = 10.0
PIECE = 4 << 20


class SessionDied(RuntimeError):
    """The student's process is gone; `how` says in a few words by what."""

    def __init__(self, how: str):
        super().__init__(how)
        self.how = how


class SessionTimeout(RuntimeError):
    """No complete reply came in time. The session is of no more use."""


class ReplyTooLarge(RuntimeError):
    """The reply was announced to be larger than allowed, and was not read. The session is of no more use."""


@dataclass(frozen=True)
class SessionEnd:
    """What is left of a session.

    Args:
        output: head and tail of stdout and stderr together.
        output_bytes: how much was printed in all.
        peak_bytes: the most memory that the session's processes added to the warm process, as far as it was seen.
        how: "closed", "exit status 3", "signal 11", "signal 9 (memory)", "signal 9 (processes)", "… (CPU time)".
    """

    output: str
    output_bytes: int
    peak_bytes: int
    how: str


class Session:
    """One student's process, and all that it starts.

    Args:
        channel: a stream socket whose other end the student's process holds.
        report: a stream socket whose other end the guard holds.
        abandon: called when the guard does not answer: ends the whole sandbox.
        folder: to remove at the end, where the session has no file system of its own.
    """

    def __init__(self, channel: socket.socket, report: socket.socket, abandon: Callable[[], None],
                 folder: str | None = None):
        self._channel, self._report, self._abandon, self._folder = channel, report, abandon, folder
        self._end: SessionEnd | None = None
        self._spoilt = ""
        channel.setblocking(False)

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def wait_started(self, seconds: float = 60.0) -> None:
        """Until the student's process is isolated. Raises SessionDied with the fault if that fails."""
        message = None
        with contextlib.suppress(TimeoutError, EOFError, ConnectionError):
            message = self._message(time.monotonic() + seconds)
        if message is None or "started" not in message:
            lines = (message or {}).get("failed", "no answer").strip().splitlines()
            self.close()
            raise SessionDied(f"could not be isolated: {lines[-1]}")

    def request(self, payload: bytes, *, seconds: float, max_reply: int) -> bytes:
        """Send one frame and return the frame that answers it.

        Args:
            payload: the request.
            seconds: wall time for both ways.
            max_reply: bytes; a reply that says it is larger is not read.

        Raises:
            SessionDied: the process is gone, or closed its end.
            SessionTimeout: no complete reply in time.
            ReplyTooLarge: see there.
        """
        if self._spoilt or self._end is not None:
            raise SessionDied(self._spoilt or self._end.how)
        deadline = time.monotonic() + seconds
        try:
            self._send(HEADER.pack(len(payload)), deadline)
            self._send(payload, deadline)
            (size,) = HEADER.unpack(self._receive(HEADER.size, deadline))
            if size > max_reply:
                self._spoilt = "a reply was too large"
                raise ReplyTooLarge(f"{size} bytes announced, {max_reply} allowed")
            return bytes(self._receive(size, deadline))
        except TimeoutError:
            self._spoilt = "a reply came too late"
            raise SessionTimeout(f"no reply within {seconds:g} s") from None
        except (ConnectionError, EOFError):
            self._spoilt = self.close(grace=1.0).how
            raise SessionDied(self._spoilt) from None

    def close(self, *, grace: float = 0.0) -> SessionEnd:
        """End every process of the session and return what it left. May be called again.

        Args:
            grace: seconds to wait for a process that is ending by itself, so that its own end is reported.
        """
        if self._end is None:
            end = self._last_message(grace)
            how = "closed" if end is None and not grace else "it broke the connection"
            self._end = SessionEnd(**end) if end else SessionEnd("", 0, 0, how)
            self._channel.close()
            self._report.close()
            if end is None:
                self._abandon()
            if self._folder:
                shutil.rmtree(self._folder, ignore_errors=True)
        return self._end

    def _last_message(self, grace: float) -> dict | None:
        with contextlib.suppress(TimeoutError, EOFError, ConnectionError):
            if grace and (message := self._message(time.monotonic() + grace)) and "end" in message:
                return self._gone(message["end"])
        with contextlib.suppress(OSError):
            self._report.shutdown(socket.SHUT_WR)
        deadline = time.monotonic() + PATIENCE
        with contextlib.suppress(TimeoutError, EOFError, ConnectionError):
            while (message := self._message(deadline)) is not None:
                if "end" in message:
                    return self._gone(message["end"])
        return None

    def _gone(self, end: dict) -> dict:
        """`end`, once the guard itself has ended too."""
        self._report.settimeout(PATIENCE)
        with contextlib.suppress(OSError):
            self._report.recv(1)
        return end

    def _message(self, deadline: float) -> dict | None:
        """The next message of the guard, None at its end. Raises TimeoutError."""
        head = self._read(self._report, HEADER.size, deadline, may_end=True)
        return json.loads(self._read(self._report, HEADER.unpack(head)[0], deadline)) if head else None

    def _send(self, data: bytes, deadline: float) -> None:
        view = memoryview(data).cast("B")
        while view:
            self._channel.settimeout(_left(deadline))
            view = view[self._channel.send(view[:PIECE]):]

    def _receive(self, size: int, deadline: float) -> bytearray:
        return self._read(self._channel, size, deadline)

    @staticmethod
    def _read(sock: socket.socket, size: int, deadline: float, may_end: bool = False) -> bytearray:
        """`size` bytes; memory grows with what arrives, not with what was announced."""
        data = bytearray()
        while len(data) < size:
            sock.settimeout(_left(deadline))
            piece = sock.recv(min(size - len(data), PIECE))
            if not piece:
                if may_end and not data:
                    return data
                raise EOFError("closed")
            data += piece
        return data


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left

"""The loop beside the student's code: takes requests, runs cells and calls answers, and replies with data.

It runs in the student's process, so nothing it says is believed: the grader checks form and size of every reply, and
the values against its own oracle. Here is therefore no secret and no test. The calls themselves go through the
subjects of `course_lib.checks.core`, so that messages equal those in the notebook.

A request is a dict with "n" (its number), "op", "reply_bytes" (the largest reply), "drop" (handles that are no longer
needed) and the arguments of the operation; a reply is {"n", "ok": value}, or {"n", "failed": kind, "message": text}.
"""

import os
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import numpy as np
import torch

from autograder.remote.decode import decode
from autograder.remote.encode import encode
from autograder.remote.wire import Bounds, TooLarge, WireError
from course_lib.checks.core.failure import CheckFailed
from course_lib.checks.core.subject import LocalSubject
from course_lib.checks.core.values import describe, to_data

REQUEST_BYTES = 1 << 30
KEPT_CHARACTERS = 4000
CHECK, LARGE, FAULT = "check", "large", "fault"
"""Why a request failed: a message of a subject; a result beyond the limits; anything else."""


class Channel(Protocol):
    """The student's end of the line."""

    def receive(self) -> bytes:
        """The next request; EOFError or OSError once the grader has gone."""

    def send(self, reply: bytes) -> None:
        """Send one reply."""


def serve(shell: Any, channel: Channel) -> None:
    """Answer requests until the channel closes.

    Args:
        shell: an IPython shell that has run the setup cell.
        channel: the line to the grader.
    """
    server, own_process = Server(shell), os.getpid()
    with suppress(EOFError, OSError):
        while True:
            reply = server.reply(channel.receive())
            if os.getpid() != own_process:  # a cell forked: its copy of this loop has nothing to say
                os._exit(0)
            channel.send(reply)


class Server:
    """The state of one session: the shell's variables, answers kept under their names, and handles."""

    def __init__(self, shell: Any):
        self.shell = shell
        self._kept: dict[str, Any] = {}
        self._handles: dict[int, Any] = {}
        self._next = 1
        with suppress(Exception):
            shell.InteractiveTB.set_mode("Minimal")  # a long traceback takes seconds to print, and nobody reads it

    def reply(self, message: bytes) -> bytes:
        """The encoded reply to one encoded request."""
        number = None
        try:
            request = decode(message, Bounds(total_bytes=REQUEST_BYTES), from_grader=True)
            number = request.pop("n")
            bounds = Bounds(total_bytes=request.pop("reply_bytes"))
            for handle in request.pop("drop", ()):
                self._handles.pop(handle, None)
            operation = getattr(self, "op_" + request.pop("op"))
            return _encoded(number, operation(**request), bounds)
        except CheckFailed as error:
            return _failed(number, CHECK, error.message)
        except TooLarge as error:
            return _failed(number, LARGE, str(error))
        except BaseException as error:  # KeyboardInterrupt of the student's code among them: the loop goes on
            return _failed(number, FAULT, f"{type(error).__name__}: {_text(error)}")

    def op_seed(self, seed: int) -> None:
        """Set the global generators."""
        random.seed(seed)
        np.random.seed(seed)
        torch.manual_seed(seed)

    def op_run_cell(self, source: str, keep: list[str] = ()) -> dict | None:
        """Run a cell as a notebook would; afterwards remember the objects that `keep` names. None, or the error."""
        result = self.shell.run_cell(source)
        for name in keep:
            if name in self.shell.user_ns:
                self._kept[name] = self.shell.user_ns[name]
        error = result.error_before_exec or result.error_in_exec
        return None if error is None else {"type": type(error).__name__, "message": _text(error), "line": _line(error)}

    def op_describe(self, name: str) -> dict:
        """What a variable is: {"kind": "missing" | "callable" | "data" | "other", ...}; a callable gets a handle."""
        if name not in self._kept and name not in self.shell.user_ns:
            return {"kind": "missing"}
        value = self._kept[name] if name in self._kept else self.shell.user_ns[name]
        if callable(value):
            called = str(getattr(value, "__name__", type(value).__name__))
            return {"kind": "callable", "handle": self._keep(value), "name": called[:200]}
        if value is ...:
            return {"kind": "ellipsis"}
        try:
            return {"kind": "data", "value": to_data(value, what=f"`{name}`")}
        except CheckFailed:
            return {"kind": "other", "type": type(value).__name__[:200], "text": describe(value)[:200]}

    def op_call(self, handle: int, name: str, args: tuple, kwargs: dict) -> Any:
        """Call a function, class or module."""
        return self._subject(handle, name).call(*args, **kwargs)

    def op_build(self, handle: int, name: str, args: tuple, kwargs: dict) -> int:
        """Construct a class; the handle of the instance."""
        return self._keep(self._subject(handle, name).build(*args, **kwargs))

    def op_function_gradients(self, handle: int, name: str, args: tuple, kwargs: dict) -> dict:
        """Gradients for the arguments of a function."""
        return self._subject(handle, name).gradients(*args, **kwargs)

    def op_forward(self, handle: int, args: tuple, kwargs: dict) -> Any:
        """Call a constructed module."""
        return self._handles[handle].forward(*args, **kwargs)

    def op_method(self, handle: int, method: str, args: tuple, kwargs: dict) -> Any:
        """Call a method of a constructed object."""
        return self._handles[handle].method(method, *args, **kwargs)

    def op_parameters(self, handle: int) -> dict:
        """Parameters of a constructed module by name."""
        return self._handles[handle].parameters()

    def op_load(self, handle: int, arrays: dict) -> None:
        """Overwrite parameters and buffers."""
        self._handles[handle].load(arrays)

    def op_gradients(self, handle: int, args: tuple, kwargs: dict) -> dict:
        """Gradients of a constructed module."""
        return self._handles[handle].gradients(*args, **kwargs)

    def op_train(self, handle: int, mode: bool) -> None:
        """Switch a constructed module between training and evaluation."""
        self._handles[handle].train(mode)

    def _subject(self, handle: int, name: str) -> LocalSubject:
        return LocalSubject(self._handles[handle], name)

    def _keep(self, value: Any) -> int:
        handle, self._next = self._next, self._next + 1
        self._handles[handle] = value
        return handle


def _encoded(number: int, value: Any, bounds: Bounds) -> bytes:
    try:
        return encode({"n": number, "ok": value}, bounds)
    except TooLarge:
        raise
    except WireError as error:  # data to the subjects, but not to the wire: a quantised tensor, say
        raise CheckFailed(f"the result cannot be handed over: {error}") from None


def _failed(number: int | None, kind: str, message: str) -> bytes:
    return encode({"n": number, "failed": kind, "message": message[:KEPT_CHARACTERS]})


def _text(error: BaseException) -> str:
    convert: Callable[[BaseException], str] = str
    try:
        return str.__str__(convert(error))[:KEPT_CHARACTERS]
    except BaseException:  # its __str__ is the student's code
        return "(no message)"


def _line(error: BaseException) -> int | None:
    """The line of the cell in which the error came up."""
    if isinstance(error, SyntaxError):
        return error.lineno
    frames, line = error.__traceback__, None
    while frames is not None:
        if frames.tb_frame.f_code.co_name == "<module>":
            line = frames.tb_lineno
        frames = frames.tb_next
    return line

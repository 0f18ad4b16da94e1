"""The grader's end of the line: numbered requests, checked replies."""

from collections.abc import Callable

from autograder.remote.decode import decode
from autograder.remote.encode import encode
from autograder.remote.wire import Bounds, WireError
from course_lib.checks.core.failure import CheckFailed

Transport = Callable[[bytes, int], bytes]
"""Sends one message and returns the reply, of at most so many bytes; raises what it likes when there is none."""

ENVELOPE_BYTES = 4096
KEPT_CHARACTERS = 4000


class ProtocolFault(Exception):
    """A reply that this course's own server would not write: the student's code tampered with it. Not believed."""


class ResultTooLarge(Exception):
    """The answer returned more than the limits allow; the message is for the student."""


class Remote:
    """A student's process as the grader sees it.

    Args:
        transport: see `Transport`.
        reply_bytes: the largest value that may come back.
    """

    def __init__(self, transport: Transport, reply_bytes: int):
        self._transport = transport
        self._bounds = Bounds(total_bytes=reply_bytes + ENVELOPE_BYTES)
        self._number = 0
        self._dropped: list[int] = []
        self.replies = 0
        """How many values came back."""

    def drop(self, handle: int) -> None:
        """Forget an instance; the next request tells the student's process."""
        self._dropped.append(handle)

    @property
    def has_dropped(self) -> bool:
        """Whether there are instances that the student's process has not been told to forget."""
        return bool(self._dropped)

    def ask(self, op: str, **arguments: object) -> object:
        """The value of one request.

        Raises:
            CheckFailed: the answer raised, or returned what is not data; the message is for the student.
            ResultTooLarge: it returned too much.
            ProtocolFault: the reply is malformed.
            WireError: an argument is not data: a fault of the check.
        """
        self._number += 1
        dropped, self._dropped = self._dropped, []
        request = {"n": self._number, "op": op, "reply_bytes": self._bounds.total_bytes, **arguments}
        if dropped:
            request["drop"] = dropped
        message = encode(request, Bounds(total_bytes=1 << 30), to_student=True)
        reply = self._transport(message, self._bounds.total_bytes)
        self.replies += 1
        return self._value(reply)

    def _value(self, message: bytes) -> object:
        try:
            reply = decode(message, self._bounds)
        except WireError as error:
            raise ProtocolFault(str(error)) from None
        if type(reply) is not dict or type(reply.get("n")) is not int or reply["n"] != self._number:
            raise ProtocolFault("a reply to another request")
        if reply.keys() == {"n", "ok"}:
            return reply["ok"]
        kind, text = reply.get("failed"), reply.get("message")
        if type(kind) is not str or type(text) is not str:
            raise ProtocolFault("neither a value nor a failure")
        text = text[:KEPT_CHARACTERS]
        if kind == "check":
            raise CheckFailed(text)
        if kind == "large":
            raise ResultTooLarge(text)
        raise CheckFailed(f"the answer could not be called: {text}")

"""One session as the examiner uses it: time budgets, and a record of how it broke."""

import time
from dataclasses import dataclass

from autograder.examine import wording
from autograder.model.examination import CRASHED, REFUSED, TIMEOUT
from autograder.model.limits import Limits
from autograder.remote.client import ProtocolFault, Remote, ResultTooLarge
from autograder.sandbox import ReplyTooLarge, Session, SessionDied, SessionEnd, SessionTimeout


@dataclass(frozen=True)
class Fault:
    """How a session, or a call in it, broke: a status of `autograder.model.examination`, and words for the student."""

    status: str
    message: str


class LineBroken(Exception):
    """A call got no usable reply; `fault` says why."""

    def __init__(self, fault: Fault):
        super().__init__(fault.message)
        self.fault = fault


class Line:
    """A session with its `remote`.

    Args:
        session: a fresh one.
        limits: of the submission.
        submission_deadline: `time.monotonic()` at which everything must have ended.
    """

    def __init__(self, session: Session, limits: Limits, submission_deadline: float):
        self.remote = Remote(self._transport, limits.reply_bytes)
        self._session, self._limits, self._submission_deadline = session, limits, submission_deadline
        self._left = self._budget = 0.0
        self.fault: Fault | None = None
        """Set once the session is of no more use."""
        self.trouble: Fault | None = None
        """Why a call since `begin` brought no value, the session itself being sound or not."""

    def begin(self, seconds: float) -> None:
        """From here on all calls together may take so long."""
        self._left = self._budget = seconds
        self.trouble = self.fault

    def ask(self, op: str, **arguments: object) -> object:
        """`Remote.ask`, with every way to fail but `CheckFailed` as LineBroken.

        Raises:
            LineBroken: see `fault` and `trouble`.
        """
        try:
            return self.remote.ask(op, **arguments)
        except (ResultTooLarge, ProtocolFault) as error:
            raise LineBroken(self.blame(error)) from None

    def blame(self, error: Exception) -> Fault:
        """Record a result that was too large (the session goes on), or a malformed one (it does not)."""
        if isinstance(error, ResultTooLarge):
            self.trouble = Fault(REFUSED, wording.too_large(str(error)))
        else:
            self.trouble = self.fault = Fault(REFUSED, wording.TAMPERED)
        return self.trouble

    def close(self) -> SessionEnd:
        """End the session."""
        if self.fault is None:
            self.fault = Fault(CRASHED, "closed")
        return self._session.close()

    def _transport(self, message: bytes, max_reply: int) -> bytes:
        if self.fault is None:
            started = time.monotonic()
            seconds = min(self._left, self._submission_deadline - started)
            try:
                if seconds <= 0:
                    raise SessionTimeout
                return self._session.request(message, seconds=seconds, max_reply=max_reply)
            except SessionDied as error:
                self.fault = Fault(CRASHED, wording.died(error.how, self._limits))
            except SessionTimeout:
                self.fault = Fault(TIMEOUT, self._too_late())
            except ReplyTooLarge:
                self.fault = Fault(REFUSED, wording.too_large(wording.beyond(self._limits)))
            finally:
                self._left -= time.monotonic() - started
        self.trouble = self.trouble or self.fault
        raise LineBroken(self.fault)

    def _too_late(self) -> str:
        if time.monotonic() >= self._submission_deadline:
            return wording.out_of_time(self._limits.submission_seconds)
        return wording.too_slow(self._budget)

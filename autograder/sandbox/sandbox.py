"""Open a sandbox, start sessions in it, close it."""

import os
import re
import socket
import stat
import tempfile
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from autograder.errors import CourseError
from autograder.model.limits import Limits
from autograder.sandbox.inside.messages import receive_message, send_message
from autograder.sandbox.levels import choose
from autograder.sandbox.session import Session, SessionDied
from autograder.sandbox.view import make_view

SERVER = "autograder.remote.server:serve"
WARMING_SECONDS = 300.0
NAME = "[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}"


def open_sandbox(
    level: str, *, setup: str, preload: tuple[str, ...], roots: tuple[Path, ...], limits: Limits,
    readable: tuple[Path, ...] = (), server: str = SERVER,
) -> "Sandbox":
    """A sandbox whose warm process has run the setup cell.

    Args:
        level: "auto" (the best that works here, never none), "bwrap", "docker", "podman" or "none".
        setup: source of the setup cell.
        preload: names of modules to import first.
        roots: folders importable before the installed packages; see `view.make_view` for what is shown of them.
        limits: of the whole sandbox where the level can only limit the whole.
        readable: further files and folders that may be read.
        server: "module:function", called as `function(shell, channel)` in each session.

    Raises:
        CourseError: the level is not usable here, or the setup cell fails.
    """
    return Sandbox(choose(level), {"setup": setup, "preload": list(preload), "server": server},
                   tuple(roots), tuple(readable), limits)


class Sandbox:
    """A warm process behind a boundary; use it as a context manager.

    Args:
        launcher: how it is started; its `level` is the sandbox's.
        header: setup, preload and server.
        roots, readable, limits: as for `open_sandbox`.
    """

    def __init__(self, launcher, header: dict, roots: tuple[Path, ...], readable: tuple[Path, ...], limits: Limits):
        self.level = launcher.level
        self._launcher, self._header, self._limits = launcher, header, limits
        self._view = make_view(roots, readable)
        self._lock = threading.RLock()
        self._process = self._control = self._errors = None
        self._start()

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def session(self, limits: Limits, files: Mapping[str, Path] | None = None) -> Session:
        """A fresh process, isolated from everything and from its siblings.

        Args:
            limits: of this session.
            files: name → file to copy into its working folder.

        Raises:
            CourseError: a file has no plain name or cannot be read; no process can be started.
        """
        with self._lock:
            if self._control is None or self._process.poll() is not None:
                self._start()
            try:
                return self._session(limits, files or {})
            except (SessionDied, OSError):  # whatever the last session left behind, a new warm process is free of it
                self._start()
        try:
            return self._session(limits, files or {})
        except (SessionDied, OSError) as error:
            raise CourseError(f"no session could be started in the sandbox: {error}", mend="course doctor") from None

    def _session(self, limits: Limits, files: Mapping[str, Path]) -> Session:
        opened = open_all(files, limits.file_bytes)
        ours, theirs = socket.socketpair()
        report, guard = socket.socketpair()
        folder = self._launcher.session_folder()
        wanted = {"limits": asdict(limits), "names": list(files), "folder": folder or "/tmp"}
        try:
            with self._lock:
                send_message(self._control, wanted,
                             [theirs.fileno(), guard.fileno(), *(file.fileno() for file in opened)])
        finally:
            for thing in (theirs, guard, *opened):
                thing.close()
        session = Session(ours, report, self._kill, folder)
        session.wait_started()
        return session

    def _start(self) -> None:
        """Start the process, or replace a dead one. Raises CourseError."""
        self.close()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process, self._control = self._launcher.start(self._view, self._errors, self._limits)
            send_message(self._control, self._header)
            self._control.settimeout(WARMING_SECONDS)
            answer, _ = receive_message(self._control)
            self._control.settimeout(None)
        except (OSError, EOFError):
            answer = {}
        if "ready" not in answer:
            raise self._refusal(answer)

    def _refusal(self, answer: dict) -> CourseError:
        self._errors.seek(0)
        log = self._errors.read().decode("utf-8", "replace")
        self.close()
        if "refused" in answer:
            said = last_line(answer["refused"])
            return CourseError(f"the setup cell failed in the sandbox: {said}", mend="course doctor")
        return CourseError(f"the sandbox {self.level} did not start: {last_line(log)}", mend=self._launcher.mend(log))

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def close(self) -> None:
        """End the warm process and every session. May be called again."""
        with self._lock:
            if self._control is not None:
                self._control.close()
            if self._process is not None:
                self._process.end()
                self._launcher.clean()
            if self._errors is not None:
                self._errors.close()
            self._control = self._process = self._errors = None


def open_all(files: Mapping[str, Path], room: int) -> list[BinaryIO]:
    """Every file opened for reading. Raises CourseError for one that cannot be handed in, or where there is no room."""
    with ExitStack() as stack:
        opened = [stack.enter_context(open_plainly(name, path)) for name, path in files.items()]
        size = sum(os.fstat(file.fileno()).st_size for file in opened)
        if size > room:
            raise CourseError(f"the attached files have {size >> 20} MB, {room >> 20} MB are allowed")
        stack.pop_all()
    return opened


def open_plainly(name: str, path: Path) -> BinaryIO:
    """The file opened for reading. Raises CourseError unless the name is plain and the file a regular one."""
    if not re.fullmatch(NAME, name):
        raise CourseError(f"{name[:80]!r} is not a plain file name")
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise CourseError(f"cannot be read: {error.strerror}", path) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise CourseError("is not a regular file", path)
    return os.fdopen(descriptor, "rb")


def last_line(text: str) -> str:
    """The last line of a log, where the reason stands."""
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return lines[-1] if lines else "no message"

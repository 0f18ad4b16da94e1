"""The levels of isolation, how each is started, and the choice among them."""

import json
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

from autograder.errors import CourseError, closest
from autograder.model.limits import Limits
from autograder.sandbox import bwrap
from autograder.sandbox.environment import environment
from autograder.sandbox.process import SandboxProcess
from autograder.sandbox.view import View

LEVELS = ("auto", "bwrap", "docker", "podman", "none")


class Bwrap:
    """Bubblewrap, with namespaces for each session in it."""

    level = "bwrap"

    def __init__(self, program: str):
        self.program = program

    def start(self, view: View, inside: socket.socket, errors, limits: Limits) -> SandboxProcess:
        """Start a keeper that holds `inside`. Raises OSError."""
        config = {"isolation": "namespaces", "user": bwrap.USER, "descriptor": inside.fileno()}
        line = bwrap.command(self.program, view, json.dumps(config))
        return SandboxProcess(line, pass_fds=(inside.fileno(),), stdout=errors, stderr=errors, env={})

    def session_folder(self) -> None:
        """Each session has a /tmp of its own."""

    def mend(self, log: str) -> str:
        """What to do about a failed start."""
        return "course doctor says what this machine forbids"


class Plain:
    """No isolation: limits and a temporary folder only."""

    level = "none"

    def __init__(self):
        self.home: str | None = None

    def start(self, view: View, inside: socket.socket, errors, limits: Limits) -> SandboxProcess:
        """Start a keeper that holds `inside`. Raises OSError."""
        self.home = tempfile.mkdtemp(prefix="course-session-")
        config = {"isolation": "none", "user": None, "descriptor": inside.fileno(), "home": self.home}
        variables = environment(view, Path(self.home))
        variables["PYTHONPATH"] = os.pathsep.join(map(str, view.outside))
        for name in ("COURSE_DATA_MIRROR", "COURSE_DATA_DIR"):
            variables.pop(name, None)
            if os.environ.get(name):
                variables[name] = os.environ[name]
        if "COURSE_DATA_DIR" not in variables:
            from course_lib.data.store import cache_folder

            variables["COURSE_DATA_DIR"] = str(cache_folder())
        line = [sys.executable, *bwrap.KEEPER, json.dumps(config)]
        return SandboxProcess(line, pass_fds=(inside.fileno(),), stdout=errors, stderr=errors, env=variables,
                              cwd=self.home)

    def session_folder(self) -> str:
        """A new folder, which the session removes."""
        return tempfile.mkdtemp(dir=self.home)

    def mend(self, log: str) -> str:
        """What to do about a failed start."""
        return "run `course doctor`"


def choose(level: str):
    """The launcher of a level.

    Raises:
        CourseError: unknown, or not usable here; "auto" never falls back to none.
    """
    if level not in LEVELS:
        raise CourseError(f"there is no sandbox {level!r}", mend=closest(level, LEVELS))
    if not hasattr(os, "fork"):
        raise CourseError("the grader forks processes, which Windows cannot", mend="grade under WSL, Linux or macOS")
    if level == "none":
        return Plain()
    if level in ("auto", "bwrap"):
        program = shutil.which("bwrap")
        if program and sys.platform == "linux":
            return Bwrap(program)
        raise CourseError("bubblewrap is not installed", mend="apt install bubblewrap, or choose --sandbox none")
    raise CourseError(f"{level} is not usable here", mend="install bubblewrap")

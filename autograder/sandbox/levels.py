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
from autograder.sandbox import bwrap, usable
from autograder.sandbox.container import Container
from autograder.sandbox.environment import environment
from autograder.sandbox.process import SandboxProcess
from autograder.sandbox.view import View

LEVELS = ("auto", "bwrap", "docker", "podman", "none")


class Bwrap:
    """Bubblewrap, with namespaces for each session in it."""

    level = "bwrap"

    def __init__(self, program: str):
        self.program = program

    def start(self, view: View, errors, limits: Limits) -> tuple[SandboxProcess, socket.socket]:
        """Start a keeper; the process and our end of its control socket. Raises OSError."""
        config = {"isolation": "namespaces", "user": bwrap.USER, "again": again(view)}
        return _inheriting(lambda text: bwrap.command(self.program, view, text), config, errors, env={})

    def session_folder(self) -> None:
        """Each session has a /tmp of its own."""

    def clean(self) -> None:
        """Nothing was put anywhere."""

    def mend(self, log: str) -> str:
        """What to do about a failed start."""
        return "course doctor says what this machine forbids"


class Plain:
    """No isolation: limits and a temporary folder only."""

    level = "none"

    def __init__(self):
        self.home: str | None = None

    def start(self, view: View, errors, limits: Limits) -> tuple[SandboxProcess, socket.socket]:
        """Start a keeper; the process and our end of its control socket. Raises OSError."""
        self.home = tempfile.mkdtemp(prefix="course-session-")
        config = {"isolation": "none", "user": None, "home": self.home}
        variables = environment(view, Path(self.home))
        variables["PYTHONPATH"] = os.pathsep.join(map(str, view.outside))
        del variables["NUMBA_CACHE_DIR"]  # nothing is read-only here
        for name in ("COURSE_DATA_MIRROR", "COURSE_DATA_DIR"):
            variables.pop(name, None)
            if os.environ.get(name):
                variables[name] = os.environ[name]
        if "COURSE_DATA_DIR" not in variables:
            from course_lib.data.store import cache_folder

            variables["COURSE_DATA_DIR"] = str(cache_folder())
        return _inheriting(lambda text: [sys.executable, *bwrap.KEEPER, text], config, errors, env=variables,
                           cwd=self.home)

    def session_folder(self) -> str:
        """A new folder, which the session removes."""
        return tempfile.mkdtemp(dir=self.home)

    def clean(self) -> None:
        """Remove what a keeper that was killed could not."""
        if self.home is not None:
            shutil.rmtree(self.home, ignore_errors=True)

    def mend(self, log: str) -> str:
        """What to do about a failed start."""
        return "run `course doctor`"


def again(view: View) -> list[list[str]]:
    """What the keeper mounts again in each session, for its configuration."""
    return [[str(stage), str(place)] for stage, place in view.again]


def _inheriting(command, config: dict, errors, **options) -> tuple[SandboxProcess, socket.socket]:
    """Start a command that inherits one end of a new socket pair."""
    ours, inside = socket.socketpair()
    try:
        line = command(json.dumps({**config, "descriptor": inside.fileno()}))
        process = SandboxProcess(line, pass_fds=(inside.fileno(),), stdout=errors, stderr=errors, **options)
    except BaseException:
        ours.close()
        raise
    finally:
        inside.close()
    return process, ours


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
    reasons = []
    for name in ("bwrap", "docker", "podman") if level == "auto" else (level,):
        fault = usable.fault(name)
        if fault is None:
            program = shutil.which(name)
            return Bwrap(program) if name == "bwrap" else Container(name, program)
        reasons.append(fault)
    if level == "auto":
        reasons.append(usable.Fault("nothing isolates code here", "or, by name, without isolation: --sandbox none"))
    raise CourseError("; ".join(r.seen for r in reasons), mend="; ".join(r.mend for r in reasons))

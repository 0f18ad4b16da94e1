"""Docker and podman: the same view and the same sessions as bubblewrap's, in a container of an empty image.

The container brings nothing but its isolation: system libraries and Python are the machine's own, mounted read-only at
their places, so that a submission is graded with exactly the versions of this environment. Sessions in it get
namespaces of their own, which needs the container's own filter of system calls and AppArmor profile out of the way
(`seccomp=unconfined`, `apparmor=unconfined`); a student's process then carries the stricter filter of `inside.syscalls`
and no capability. Linux only.
"""

import hashlib
import io
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from autograder.model.limits import Limits
from autograder.sandbox.bwrap import KEEPER, USER
from autograder.sandbox.environment import environment
from autograder.sandbox.process import SandboxProcess
from autograder.sandbox.view import View

WARM_BYTES = 4 << 30
"""Memory of the container beyond one session's: the warm process, and room for the folders in memory."""
WARM_PROCESSES = 64
STARTING_SECONDS = 120.0
CONTROL = "/control"


class Container:
    """One container per sandbox.

    Args:
        level: "docker" or "podman".
        program: its path.
    """

    def __init__(self, level: str, program: str):
        self.level, self.program = level, program
        self.folder: str | None = None

    def start(self, view: View, errors, limits: Limits) -> tuple[SandboxProcess, socket.socket]:
        """Start a keeper; the process and our end of its control socket. Raises OSError."""
        self.clean()
        self.folder = tempfile.mkdtemp(prefix="course-")  # nobody else may enter; what is mounted is the folder in it
        shared = Path(self.folder, "shared")
        shared.mkdir(mode=0o755)
        image = self._image(view, errors)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(shared / "keeper"))
            os.chmod(shared / "keeper", 0o666)
            listener.listen(1)
            name = f"course-{secrets.token_hex(8)}"
            line = command(self.program, view, limits, shared, image, name)
            process = ContainerProcess(line, stdout=errors, stderr=errors, program=self.program, name=name)
            return process, _accept(listener, process)

    def _image(self, view: View, errors) -> str:
        """The name of the empty image, imported where it is not there yet. Raises OSError."""
        layer = empty_image(view)
        image = f"course-sandbox:{hashlib.sha256(layer).hexdigest()[:16]}"
        there = subprocess.run([self.program, "image", "inspect", image], stdin=subprocess.DEVNULL, capture_output=True)
        if there.returncode:
            done = subprocess.run([self.program, "import", "-", image], input=layer, stdout=errors, stderr=errors)
            if done.returncode:
                raise OSError(f"{self.level} import failed")
        return image

    def session_folder(self) -> None:
        """Each session has a /tmp of its own."""

    def mend(self, log: str) -> str:
        """What to do about a failed start."""
        return f"does `{self.level} run` work for this user, and may it use seccomp=unconfined? see `course doctor`"

    def clean(self) -> None:
        """Remove the folder of the control socket."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None


class ContainerProcess(SandboxProcess):
    """A container; killing the program that waits for it would leave it running."""

    def __init__(self, command: list[str], *, program: str, name: str, **options):
        self._stop = [program, "kill", name]
        super().__init__(command, **options)

    def kill(self) -> None:
        """End the container, then the program."""
        with suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run(self._stop, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
        super().kill()


def command(program: str, view: View, limits: Limits, shared: Path, image: str, name: str) -> list[str]:
    """The whole command line.

    Args:
        program: path of docker or podman.
        view: what can be seen.
        limits: of one session; the container gets some more for the warm process.
        shared: folder that holds the control socket "keeper".
        image: an image that holds nothing but symbolic links.
        name: of the container.
    """
    memory = str(limits.memory_bytes + WARM_BYTES)
    line = [program, "run", "--rm", "--name", name, "--network", "none", "--ipc", "private", "--hostname", "sandbox",
            "--read-only", "--user", f"{USER}:{USER}", "--cap-drop", "ALL",
            "--security-opt", "no-new-privileges", "--security-opt", "seccomp=unconfined",
            "--security-opt", "apparmor=unconfined", "--security-opt", "label=disable",
            "--pids-limit", str(limits.processes + WARM_PROCESSES), "--memory", memory, "--memory-swap", memory,
            "--log-driver", "none", "--tmpfs", f"/tmp:rw,nosuid,nodev,mode=1777,size={limits.file_bytes}",
            "--workdir", "/tmp"]
    for variable, value in environment(view, Path("/tmp")).items():
        line += ["--env", f"{variable}={value}"]
    shown = sorted((*view.shown, (shared, Path(CONTROL))), key=lambda pair: len(pair[1].parts))
    for source, place in shown:
        line += ["--mount", mount(source, place)]
    for place in view.hidden:
        line += ["--mount", f"type=tmpfs,{_field('destination', place)},tmpfs-mode=0555,tmpfs-size=65536"]
    again = [[str(stage), str(place)] for stage, place in view.again]
    config = {"isolation": "namespaces", "user": None, "socket": f"{CONTROL}/keeper", "again": again}
    return [*line, "--entrypoint", sys.executable, image, *KEEPER, json.dumps(config)]


def mount(source: Path, place: Path) -> str:
    """One read-only mount. The fields are comma-separated values, so that a name may hold a comma."""
    return f"type=bind,{_field('source', source)},{_field('destination', place)},readonly"


def _field(name: str, path: Path) -> str:
    field = f"{name}={path}"
    return '"' + field.replace('"', '""') + '"' if any(c in field for c in ',"\n') else field


def empty_image(view: View) -> bytes:
    """A tar of the symbolic links that the system's root has (/lib → usr/lib); the same bytes every time."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for target, place in view.links:
            entry = tarfile.TarInfo(str(place).lstrip("/"))
            entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, target, 0o777
            tar.addfile(entry)
        for name in ("tmp", "proc", "dev", "course", "data"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
    return buffer.getvalue()


def _accept(listener: socket.socket, process: SandboxProcess) -> socket.socket:
    """The keeper's connection. Raises OSError if the container ends or takes too long."""
    deadline = time.monotonic() + STARTING_SECONDS
    listener.settimeout(0.2)
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(TimeoutError):
            control, _ = listener.accept()
            control.setblocking(True)
            return control
    process.kill()
    process.end()
    raise OSError("the container did not start")

"""Run a child process with a time limit, its memory measured, and nothing left behind when it is interrupted."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
POLL_SECONDS = 0.1
ENDING_SECONDS = 5.0


class Interrupted(RuntimeError):
    """The run was stopped from outside (Ctrl-C) before the process ended."""


@dataclass(frozen=True)
class Completed:
    """What a supervised process left: exit status, its output (stdout and stderr together), seconds, peak bytes.

    `peak_bytes` is the largest resident memory seen of the process's descendants: for nbgrader, of the kernel and
    what the kernel started.
    """

    returncode: int
    output: str
    seconds: float
    peak_bytes: int
    timed_out: bool = False


def supervise(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], timeout: float,
    stop: threading.Event | None = None,
) -> Completed:
    """Run `command` to its end; kill it with all its descendants at the time limit or when `stop` is set.

    Raises:
        Interrupted: `stop` was set.
    """
    peak, timed_out = 0, False
    started = time.monotonic()
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(
            list(command), cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            while True:
                with suppress(subprocess.TimeoutExpired):
                    child.wait(POLL_SECONDS)
                    break
                peak = max(peak, descendants_memory(child.pid))
                if stop is not None and stop.is_set():
                    raise Interrupted
                if time.monotonic() - started > timeout:
                    timed_out = True
                    break
        finally:
            kill_tree(child)
        log.seek(0)
        output = log.read().decode("utf-8", "replace")
    return Completed(child.returncode, output, time.monotonic() - started, peak, timed_out)


def descendants_memory(pid: int) -> int:
    """Resident bytes of all descendants of `pid`, the process itself not counted."""
    import psutil

    total = 0
    with suppress(psutil.Error):
        for process in psutil.Process(pid).children(recursive=True):
            with suppress(psutil.Error):
                total += process.memory_info().rss
    return total


def kill_tree(child: subprocess.Popen) -> None:
    """End `child` and every process it started (a Jupyter kernel leads a session of its own), and reap it."""
    import psutil

    family: list[psutil.Process] = []
    if child.poll() is None:
        with suppress(psutil.Error):
            family = psutil.Process(child.pid).children(recursive=True)
        child.kill()
    for process in family:
        with suppress(psutil.Error):
            process.kill()
    child.wait()
    deadline = time.monotonic() + ENDING_SECONDS
    while time.monotonic() < deadline and not all(map(_has_ended, family)):
        time.sleep(0.01)


def _has_ended(process: "psutil.Process") -> bool:
    """Gone, or a zombie: some systems' first process takes seconds to collect orphans, which do nothing any more."""
    import psutil

    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


def stop_on_signals() -> None:
    """Let SIGTERM and SIGHUP end this program as Ctrl-C does: a default handler would leave its kernels behind."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), interrupt)


def notebook_environment(
    scratch: Path, *, roots: Sequence[Path] = (), profile: str = "smoke", threads: int | None = None,
    results: Path | None = None, seed: str | None = None,
) -> dict[str, str]:
    """The environment in which notebooks of this checkout run: this library first, no configuration of the user.

    Args:
        scratch: an existing folder for Jupyter's and IPython's own files.
        roots: folders that are importable before the installed packages.
        profile: COURSE_PROFILE.
        threads: threads of every numeric library; None leaves the environment's choice.
        results: file that `ui.results` appends to (COURSE_RESULTS).
        seed: the private grading seed (COURSE_GRADING_SEED).
    """
    env = dict(os.environ)
    for name in ("COURSE_RESULTS", "COURSE_WEIGHTS", "COURSE_GRADING_SEED", "PYTHONSTARTUP", "PYTHONWARNINGS"):
        env.pop(name, None)
    paths = [str(Path(root).resolve()) for root in (*roots, PACKAGE_ROOT)]
    paths += [p for p in env.get("PYTHONPATH", "").split(os.pathsep) if p]
    env["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    env["COURSE_PROFILE"] = profile
    env["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), env.get("PATH", "")])
    for variable, folder in (("JUPYTER_CONFIG_DIR", "config"), ("JUPYTER_DATA_DIR", "data"),
                             ("JUPYTER_RUNTIME_DIR", "runtime"), ("IPYTHONDIR", "ipython")):
        path = scratch / folder
        path.mkdir(parents=True, exist_ok=True)
        env[variable] = str(path)
    if threads is not None:
        env.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), str(threads)))
    if results is not None:
        env["COURSE_RESULTS"] = str(results)
    if seed is not None:
        env["COURSE_GRADING_SEED"] = seed
    return env

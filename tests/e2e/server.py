"""JupyterLab as `course lab` starts it, but with settings, port and runtime files of its own."""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

SETTINGS = {
    # Cells outside of the view are otherwise taken out of the page, and then no test finds them.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
}
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, what it serves, where it writes its log."""

    url: str
    token: str
    root: Path
    log: Path

    def page(self, path: str) -> str:
        """The address of a page, with the token."""
        return f"{self.url}{path}?token={self.token}"


def start(checkout: Path, scratch: Path, *, teach: bool) -> tuple[Server, subprocess.Popen]:
    """Run `course lab` in `checkout` (`--teach` for the teacher's view), with settings and log below `scratch`.

    Raises:
        RuntimeError: it does not answer within a minute; the message ends with its log.
    """
    folders = {name: scratch / name for name in ("config", "data", "runtime", "ipython", "settings")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    (folders["settings"] / "overrides.json").write_text(json.dumps(SETTINGS))
    environment = os.environ | {
        "JUPYTER_CONFIG_DIR": str(folders["config"]), "JUPYTER_DATA_DIR": str(folders["data"]),
        "JUPYTER_RUNTIME_DIR": str(folders["runtime"]), "IPYTHONDIR": str(folders["ipython"]),
        "PYTHONPATH": str(checkout), "COURSE_PROFILE": "smoke",
    }
    token, log = secrets.token_hex(16), scratch / "jupyter.log"
    command = [
        sys.executable, "-m", "autograder", "lab", *(["--teach"] if teach else []), "--no-browser", "--port=0",
        f"--IdentityProvider.token={token}", f"--LabApp.app_settings_dir={folders['settings']}", "--allow-root",
    ]
    with log.open("wb") as stream:
        process = subprocess.Popen(  # a session of its own, so that stopping it stops the server behind it
            command, cwd=checkout, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for file in folders["runtime"].glob("jpserver-*.json"):
            running = json.loads(file.read_text())
            return Server(running["url"], token, Path(running["root_dir"]), log), process
        time.sleep(0.2)
    stop(process)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


def stop(process: subprocess.Popen) -> None:
    """End `course lab`, its server and its kernels."""
    for sign, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, sign)
            process.wait(seconds)

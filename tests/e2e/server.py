"""A JupyterLab server of its own: private settings, private port, nothing of the machine's user."""

import json
import os
import secrets
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


def start(root: Path, scratch: Path) -> tuple[Server, subprocess.Popen]:
    """Start JupyterLab on `root`, with its settings, runtime files and log below `scratch`.

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
        "PYTHONPATH": str(root), "COURSE_PROFILE": "smoke",
    }
    token, log = secrets.token_hex(16), scratch / "jupyter.log"
    command = [
        sys.executable, "-m", "jupyter", "lab", "--no-browser", "--port=0", "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}", f"--LabApp.app_settings_dir={folders['settings']}", "--allow-root",
    ]
    with log.open("wb") as stream:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=stream, stderr=subprocess.STDOUT)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for file in folders["runtime"].glob("jpserver-*.json"):
            return Server(json.loads(file.read_text())["url"], token, root, log), process
        time.sleep(0.2)
    stop(process)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


def stop(process: subprocess.Popen) -> None:
    """End the server and its kernels."""
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

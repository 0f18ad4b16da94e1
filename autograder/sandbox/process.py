"""The process of a sandbox as the grader holds it."""

import subprocess
import threading
from contextlib import suppress

ENDING_SECONDS = 5.0


class SandboxProcess:
    """Starts a command and waits for it, both in one thread that lives as long as the process.

    The kernel's die-with-parent follows the *thread* that started a process, and the thread that opens a sandbox may
    end long before the sandbox does.

    Args:
        command: the command line.
        options: for `subprocess.Popen`.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, command: list[str], **options):
        self._started, self._fault = threading.Event(), None
        self._process: subprocess.Popen | None = None
        threading.Thread(target=self._run, args=(command, options), daemon=True, name="sandbox").start()
        self._started.wait()
        if self._fault is not None:
            raise self._fault

    def _run(self, command: list[str], options: dict) -> None:
        try:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)
        except OSError as fault:
            self._fault = fault
        finally:
            self._started.set()
        if self._process is not None:
            self._process.wait()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def poll(self) -> int | None:
        """Exit status, or None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """End it at once; in a sandbox all that is inside ends with it."""
        self._process.kill()

    def end(self) -> None:
        """Wait for it to end, now that its control socket is closed; kill it if it does not."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDING_SECONDS)
            return
        self._process.kill()
        self._process.wait()

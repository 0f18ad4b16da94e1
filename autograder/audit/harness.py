"""Run answers through graded cells fast: a warm process per unit, a forked child per answer."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from autograder.audit.outcome import Job, Outcome
from autograder.processes import kill_tree, notebook_environment

MEMORY_BYTES = 4 << 30


class HarnessError(RuntimeError):
    """The warm process could not run the setup cell, or died."""


class Harness:
    """A warm process that has run a unit's setup cell; use it as a context manager.

    Args:
        setup: source of the setup cell.
        workers: children that may run at once.
        roots: folders importable before the installed packages.

    Raises:
        HarnessError: on entering, when the setup cell fails.
    """

    def __init__(self, setup: str, *, workers: int, roots: tuple[Path, ...] = ()):
        if sys.platform == "win32":
            raise HarnessError("the audit forks processes, which Windows cannot: run it under WSL, Linux or macOS.")
        self._setup, self._workers, self._roots = setup, workers, roots

    def __enter__(self) -> "Harness":
        self._scratch = tempfile.TemporaryDirectory(prefix="course-audit-")
        env = notebook_environment(Path(self._scratch.name), roots=self._roots, threads=1)
        # A fork inherits no threads: no pool may exist in the parent, and figures need no display.
        env.update(MPLBACKEND="Agg", PYTHONWARNINGS="ignore::DeprecationWarning:autograder.audit.warm")
        self._errors = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "autograder.audit.warm"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self._errors, cwd=self._scratch.name, env=env, text=True, start_new_session=True,
        )
        try:
            self._send({"setup": self._setup, "memory": MEMORY_BYTES})
            reply = self._receive()
            if "refused" in reply:
                raise HarnessError(f"the setup cell failed: {reply['refused'].strip().splitlines()[-1]}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        kill_tree(self._process)
        self._process.stdin.close()
        self._process.stdout.close()
        self._errors.close()
        self._scratch.cleanup()

    def run(self, jobs: Iterable[Job], on_outcome: Callable[[Outcome], None] | None = None) -> dict[str, Outcome]:
        """Outcomes by job id. `on_outcome` sees each as it arrives.

        Raises:
            HarnessError: the warm process died.
        """
        jobs = list(jobs)
        self._send({"jobs": [job.to_json() for job in jobs], "workers": self._workers})
        outcomes: dict[str, Outcome] = {}
        while "done" not in (reply := self._receive()):
            outcome = Outcome.from_json(reply)
            outcomes[outcome.id] = outcome
            if on_outcome is not None:
                on_outcome(outcome)
        return {job.id: outcomes[job.id] for job in jobs}

    def _send(self, data: dict) -> None:
        try:
            self._process.stdin.write(json.dumps(data) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            raise HarnessError(self._last_words()) from None

    def _receive(self) -> dict:
        line = self._process.stdout.readline()
        if not line:
            raise HarnessError(self._last_words())
        return json.loads(line)

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode("utf-8", "replace").strip().splitlines()
        return f"the warm process died: {lines[-1] if lines else 'no message'}"

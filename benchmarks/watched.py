"""Run a command; its time, and the largest memory of all its processes together."""

import subprocess
import tempfile
import threading
import time
from pathlib import Path

import psutil


class Watch(threading.Thread):
    """The largest memory of a process and all that it started: proportional shares, so that nothing counts twice."""

    def __init__(self, pid: int):
        super().__init__(daemon=True)
        self.pid, self.peak, self._ended = pid, 0, threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.3):
            total = 0
            try:
                family = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
            except psutil.Error:
                return
            for process in family:
                try:
                    total += process.memory_full_info().pss
                except (psutil.Error, OSError):
                    continue
            self.peak = max(self.peak, total)

    def end(self) -> int:
        """Bytes."""
        self._ended.set()
        self.join()
        return self.peak


def timed(command: list[str], cwd: Path, env: dict[str, str]) -> tuple[float, int, str]:
    """Seconds, peak bytes and output of a command.

    Raises:
        SystemExit: it failed.
    """
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as log:
        child = subprocess.Popen(command, cwd=cwd, env=env, stdout=log, stderr=subprocess.STDOUT, text=True)
        watch = Watch(child.pid)
        watch.start()
        child.wait()
        seconds, peak = time.perf_counter() - started, watch.end()
        log.seek(0)
        output = log.read()
    if child.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {child.returncode}:\n{output[-3000:]}")
    return seconds, peak, output

"""The warm process behind `Harness`: the setup cell once, then one forked child per answer.

Started as `python -m autograder.audit.warm`. Reads JSON lines: first `{"setup": code, "memory": bytes}`, then any
number of `{"jobs": [...], "workers": n}`. Writes one JSON line per outcome and `{"done": true}` after each batch.
The parent runs no numeric code, so that no thread exists when it forks.
"""

import importlib
import json
import os
import resource
import selectors
import signal
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from dataclasses import asdict

from autograder.audit.outcome import CHECK_FAILED, CRASHED, ERROR, PASSED, TIMEOUT, Outcome
from autograder.sandbox.inside.shell import make_shell

KEPT_CHARACTERS = 20_000


def main() -> None:
    """Serve jobs from stdin until it closes."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    header = json.loads(sys.stdin.readline())
    try:
        shell = make_shell(header["setup"])
    except Exception:
        _reply(replies, {"refused": traceback.format_exc(limit=-3)})
        return
    _reply(replies, {"ready": True})
    for line in sys.stdin:
        batch = json.loads(line)
        for outcome in run_batch(shell, batch["jobs"], batch["workers"], header["memory"]):
            _reply(replies, asdict(outcome))
        _reply(replies, {"done": True})


def run_batch(shell, jobs: list[dict], workers: int, memory: int):
    """Yield an outcome per job, in the order in which they end; at most `workers` children live at once."""
    waiting, running = list(reversed(jobs)), {}
    selector = selectors.DefaultSelector()
    owner = os.getppid()
    try:
        while waiting or running:
            while waiting and len(running) < workers:
                child = Child(shell, waiting.pop(), memory)
                running[child.pipe] = child
                selector.register(child.pipe, selectors.EVENT_READ)
            for key, _ in selector.select(timeout=0.1):
                running[key.fd].read()
            for fd, child in list(running.items()):
                outcome = child.finished()
                if outcome is not None:
                    selector.unregister(fd)
                    del running[fd]
                    child.close()
                    _preload(outcome.modules)
                    yield outcome
            if os.getppid() != owner:
                raise SystemExit
    finally:
        for child in running.values():
            child.close()


class Child:
    """A forked process that runs one job and writes its outcome to a pipe."""

    def __init__(self, shell, job: dict, memory: int):
        self.job, self.data, self.closed = job, b"", False
        self.started = time.monotonic()
        self.pipe, write_end = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.pipe)
            _child(shell, job, memory, write_end)
        os.close(write_end)

    def read(self) -> None:
        """Take what the pipe holds; an empty read means that the child closed it."""
        chunk = os.read(self.pipe, 1 << 16)
        self.data += chunk
        self.closed = self.closed or not chunk

    def finished(self) -> Outcome | None:
        """The outcome once there is one, else None."""
        elapsed = time.monotonic() - self.started
        if self.closed:
            with suppress(ValueError):  # nothing, or half an outcome: it was killed while it wrote
                return Outcome.from_json(json.loads(self.data))
            _, status = os.waitpid(self.pid, 0)
            self.pid = 0
            return Outcome(self.job["id"], CRASHED, f"the process died ({_how(status)})", seconds=elapsed)
        if elapsed > self.job["seconds"]:
            message = f"still running after {self.job['seconds']:.0f} s"
            return Outcome(self.job["id"], TIMEOUT, message, seconds=elapsed)
        return None

    def close(self) -> None:
        """End the child with everything it started, and reap it."""
        os.close(self.pipe)
        if self.pid:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)


def _child(shell, job: dict, memory: int, write_end: int) -> None:
    """Run the job in this forked process; never returns."""
    try:
        os.setsid()
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        os.environ["COURSE_GRADING_SEED"] = job["seed"]
        outcome = run_job(shell, job)
        with os.fdopen(write_end, "w", encoding="utf-8") as pipe:
            json.dump(asdict(outcome), pipe)
    finally:
        os._exit(0)


def run_job(shell, job: dict) -> Outcome:
    """The answer cell, then every graded cell, as a kernel would run them; all output is captured."""
    known = set(sys.modules)
    started = time.monotonic()
    faults, value = [], None
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
        fault, _ = _run_cell(shell, job["answer"], "in the answer")
        faults += [fault] if fault else []
        for test in job["tests"]:
            fault, result = _run_cell(shell, test, "in a graded cell")
            faults += [fault] if fault else []
            value = repr(result)[:80] if result is not None else value
        stdout, stderr = _captured(out), _captured(err)
    status, message = _verdict(faults)
    return Outcome(
        job["id"], status, message, stdout, stderr, value, time.monotonic() - started,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        tuple(sorted(set(sys.modules) - known)) if job["preload"] else (),
    )


def _run_cell(shell, code: str, where: str) -> tuple[tuple[str, str] | None, object]:
    """Run one cell; the fault as (status, message), or None, and the value of its last expression."""
    from course_lib.checks.core.failure import CheckFailed

    result = shell.run_cell(code)
    sys.stdout.flush()
    sys.stderr.flush()
    error = result.error_before_exec or result.error_in_exec
    if error is None:
        return None, result.result
    if isinstance(error, CheckFailed):
        return (CHECK_FAILED, str(error)), None
    return (ERROR, f"{type(error).__name__} {where}: {error}"), None


def _verdict(faults: list[tuple[str, str]]) -> tuple[str, str]:
    errors = [message for status, message in faults if status == ERROR]
    if errors:
        return ERROR, errors[0]
    if faults:
        return CHECK_FAILED, "\n".join(message for _, message in faults)
    return PASSED, ""


def _captured(file) -> str:
    file.seek(0)
    return file.read(KEPT_CHARACTERS).decode("utf-8", "replace")


def _preload(modules: tuple[str, ...]) -> None:
    """Import (only import) what a child had to load, so that its siblings find it loaded."""
    for name in modules:
        if name not in sys.modules and not name.startswith(("__main__", "__mp_main__")):
            with suppress(Exception):
                importlib.import_module(name)


def _how(status: int) -> str:
    return f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit status {os.WEXITSTATUS(status)}"


def _reply(stream, data: dict) -> None:
    stream.write(json.dumps(data) + "\n")
    stream.flush()


if __name__ == "__main__":
    main()

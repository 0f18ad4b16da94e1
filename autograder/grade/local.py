"""The worker processes of this machine: each owns one warm examiner; one that dies is replaced."""

import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress

from autograder.errors import CourseError
from autograder.grade.frames import outcome_from_json, receive, send, setting_to_json, task_to_json
from autograder.grade.run_task import broken
from autograder.grade.task import Outcome, Setting, Task
from autograder.processes import PACKAGE_ROOT, kill_tree

COMMAND = (sys.executable, "-P", "-m", "autograder.grade.worker")
START_SECONDS = 300.0
"""For imports on a cold machine."""
SPARE_SECONDS = 60.0
"""Beyond the time limit of a submission, within which the examiner itself ends it."""
EAGER = 4
"""Workers that start before the number of submissions is known: each holds some hundred megabytes."""
ATTEMPTS = 2
STDERR_CHARACTERS = 2000


class WorkerDied(RuntimeError):
    """A worker process ended, or did not answer in time; the message says how."""


class Worker:
    """One worker process.

    Args:
        name: for people.
        command: what to start instead of COMMAND; the name is added.
    """

    def __init__(self, name: str, command: Sequence[str] | None = None):
        self.name = name
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self._process = subprocess.Popen(
            [*(command or COMMAND), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            env=_environment(), start_new_session=True,  # Ctrl-C is for the coordinator
        )

    def set_up(self, setting: Setting) -> None:
        """Warm the examiner.

        Raises:
            CourseError: this machine cannot grade under this setting.
            WorkerDied: it did not start.
        """
        self._ask({"setting": setting_to_json(setting)}, b"", START_SECONDS)

    def grade(self, task: Task, setting: Setting) -> Outcome:
        """The outcome of a task.

        Raises:
            CourseError: the worker's machine cannot grade any more.
            WorkerDied: it ended, or went far over the time limit.
        """
        header, data = task_to_json(task)
        seconds = setting.limits.submission_seconds * task.extra_time + SPARE_SECONDS
        return outcome_from_json(self._ask({"task": header}, data, seconds)["outcome"])

    def close(self) -> None:
        """End the process and everything that it started."""
        with suppress(OSError, ValueError):
            self._process.stdin.close()
        kill_tree(self._process)
        self._process.stdout.close()
        self._log.close()

    def kill(self) -> None:
        """End the process with its children; the thread that waits for it notices. Safe from any thread."""
        kill_tree(self._process)

    def _ask(self, header: dict, data: bytes, seconds: float) -> dict:
        late = threading.Event()

        def give_up() -> None:
            late.set()
            self.kill()

        timer = threading.Timer(seconds, give_up)
        timer.daemon = True
        timer.start()
        try:
            send(self._process.stdin, header, data)
            answer, _ = receive(self._process.stdout)
        except (EOFError, OSError, ValueError):
            raise WorkerDied(f"no answer within {seconds:.0f} s" if late.is_set() else self._how()) from None
        finally:
            timer.cancel()
        if "refused" in answer:
            raise CourseError(answer["refused"], mend=answer["mend"])
        return answer

    def _how(self) -> str:
        """The exit status and the end of what it wrote to its log."""
        status = self._process.wait()
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - STDERR_CHARACTERS))
        said = self._log.read().decode("utf-8", "replace").strip()
        how = f"signal {-status}" if status < 0 else f"exit status {status}"
        return f"the worker process ended with {how}" + (f": {said}" if said else "")


class LocalWorkers:
    """Up to `jobs` worker processes at once; use it as a context manager.

    The first processes start on entry, so that they import while the coordinator still reads the class. The others wait
    until it is known that there is work for them.

    Args:
        jobs: how many.
        command: what to start instead of COMMAND.
    """

    def __init__(self, jobs: int, command: Sequence[str] | None = None):
        self._jobs, self._command = jobs, command or COMMAND
        self._stop = threading.Event()
        self._seats: list[_Seat] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> "LocalWorkers":
        self._start(min(self._jobs, EAGER))
        return self

    def __exit__(self, *_) -> None:
        """End every worker, in the middle of a task too."""
        self._stop.set()
        for seat in self._seats:
            seat.kill()
        for thread in self._threads:
            thread.join()
        for seat in self._seats:
            seat.replace()

    def run(self, tasks: Sequence[Task], setting: Setting) -> Iterator[Outcome]:
        """The outcome of every task, as they come. The work begins at once.

        Raises:
            CourseError: this machine cannot grade under this setting.
        """
        waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
        for task in tasks:
            waiting.put(task)
        done: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()
        wanted = min(self._jobs, len(tasks))
        self._start(wanted)
        for seat in self._seats[wanted:]:
            seat.kill()
        for seat in self._seats[:wanted]:
            self._threads.append(threading.Thread(target=self._serve, args=(seat, waiting, done, setting)))
            self._threads[-1].start()
        return _outcomes(done, len(tasks))

    def _start(self, number: int) -> None:
        """Start processes until there are `number` of them; more are left as they are."""
        while len(self._seats) < number:
            self._seats.append(_Seat(f"worker {len(self._seats) + 1}", self._command))

    def _serve(self, seat: "_Seat", waiting: queue.SimpleQueue, done: queue.SimpleQueue, setting: Setting) -> None:
        """One thread: grade until no task is left."""
        try:
            while not self._stop.is_set():
                outcome = seat.grade(waiting.get_nowait(), setting, self._stop)
                if outcome is not None:
                    done.put(outcome)
        except queue.Empty:
            pass
        except BaseException as error:  # the coordinator raises it
            done.put(error)
        finally:
            seat.replace()


def _outcomes(done: queue.SimpleQueue, number: int) -> Iterator[Outcome]:
    for _ in range(number):
        outcome = done.get()
        if isinstance(outcome, BaseException):
            raise outcome
        yield outcome


class _Seat:
    """One thread's place: a worker process sits on it from the start, and is replaced when it dies."""

    def __init__(self, name: str, command: Sequence[str]):
        self._name, self._command = name, command
        self._worker: Worker | None = Worker(name, command)
        self._ready = False

    def grade(self, task: Task, setting: Setting, stop: threading.Event) -> Outcome | None:
        """The outcome; None if the run was stopped. What fails twice, the second time in a fresh worker, is broken."""
        outcome = None
        for _ in range(ATTEMPTS):
            try:
                outcome = self._ready_worker(setting, stop).grade(task, setting)
            except WorkerDied as death:
                outcome = broken(task, setting.assignment(), str(death), self._name)
            if stop.is_set():
                return None
            if outcome.trouble is None:
                break
            self.replace()
        return outcome

    def _ready_worker(self, setting: Setting, stop: threading.Event) -> Worker:
        if self._worker is None:
            self._worker = Worker(self._name, self._command)
            if stop.is_set():  # `kill` came too early for it
                raise WorkerDied("stopped")
        if not self._ready:
            self._worker.set_up(setting)
            self._ready = True
        return self._worker

    def replace(self) -> None:
        """End the worker, if there is one; the next task gets a fresh one."""
        worker, self._worker, self._ready = self._worker, None, False
        if worker is not None:
            worker.close()

    def kill(self) -> None:
        """End the worker from another thread."""
        worker = self._worker
        if worker is not None:
            worker.kill()


def _environment() -> dict[str, str]:
    """This process's environment without the course secret, one numeric thread, this package first."""
    env = {name: value for name, value in os.environ.items()
           if name not in ("COURSE_GRADING_SEED", "COURSE_RESULTS", "PYTHONSTARTUP", "PYTHONWARNINGS")}
    paths = [str(PACKAGE_ROOT), *(p for p in env.get("PYTHONPATH", "").split(os.pathsep) if p)]
    env["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    env.update(dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"))
    return env | {"MPLBACKEND": "Agg"}

"""Progress on stderr, so that stdout stays free for the table or the JSON."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


class Steps:
    """A bar per step; use it as a context manager around the whole run."""

    def __init__(self, *, quiet: bool = False):
        console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
            console=console, disable=quiet,
        )

    def __enter__(self) -> "Steps":
        self._progress.start()
        return self

    def __exit__(self, *_) -> None:
        self._progress.stop()

    @contextmanager
    def step(self, title: str, total: int | None = None) -> Iterator["Advance"]:
        """A bar called `title`; call what it yields once per finished piece. A step of nothing shows no bar."""
        if total == 0:
            yield Advance(None, None)
            return
        task = self._progress.add_task(title, total=total)
        yield Advance(self._progress, task)
        finished = self._progress.tasks[self._progress.task_ids.index(task)].completed
        self._progress.update(task, total=max(finished, 1), completed=max(finished, 1))


class Advance:
    """Moves one bar on; whatever it is called with (an outcome, say) is ignored."""

    def __init__(self, progress: Progress | None, task):
        self._progress, self._task = progress, task

    def __call__(self, *_) -> None:
        if self._progress is not None:
            self._progress.advance(self._task)

    def total(self, total: int) -> None:
        """Tell how many pieces there are, once that is known."""
        if self._progress is not None:
            self._progress.update(self._task, total=total)

"""The trusted side: the instructor's graded cells, run here with stand-ins where the notebook has answers."""

import ast
import builtins
import contextlib
import io
import random
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from autograder.examine.bounds import bounded
from autograder.examine.names import bound_names, import_statements, is_builtin, used_names
from autograder.examine.seeds import rng_from
from autograder.model.assignment import Assignment
from course_lib.checks.core.attachments import attachments
from course_lib.checks.core.measure import collect_measured

FIXED_SEED = 0
TRACE_LINES = 4


@dataclass(frozen=True)
class Trial:
    """One run of a graded cell: how it ended, and what the check printed.

    Args:
        error: None if the cell ran to its end.
        printed: by the check, not by the answer.
        measured: what the check measured, by name.
        trace: the end of the traceback, for the instructor.
    """

    error: BaseException | None
    printed: str
    measured: dict[str, float]
    trace: str = ""


class TrustedSide:
    """The graded cells of an assignment and the names they need. Made once per worker.

    Args:
        assignment: its setup cell's imports are run here, as far as graded cells use them.
    """

    def __init__(self, assignment: Assignment):
        self._solution_names = set().union(*(bound_names(e.solution.source) for e in assignment.coded))
        used = set().union(*(used_names(test.source) for e in assignment.coded for test in e.tests))
        self._names: dict[str, Any] = {}
        for statement in import_statements(assignment.setup, used - {"grading_rng"}):
            exec(_compiled([statement]), self._names)

    def answer_names(self, source: str) -> list[str]:
        """The names in a graded cell that stand for answers, sorted."""
        return sorted(
            name for name in used_names(source)
            if name in self._solution_names or not (name in self._names or is_builtin(name) or name == "grading_rng")
        )

    def unknown_names(self, source: str) -> list[str]:
        """Names in a graded cell that neither the setup cell nor a solution binds: a fault of the course."""
        return [name for name in self.answer_names(source) if name not in self._solution_names]

    def run(
        self, source: str, answers: Mapping[str, Any], seed: str, *, files: Mapping[str, Path], seconds: float,
        memory_bytes: int,
    ) -> Trial:
        """Run one graded cell.

        Args:
            source: the instructor's text, hidden tests included.
            answers: stand-in or data of every name in `answer_names`.
            seed: the private seed behind `grading_rng`.
            files: handed in beside the notebook, by name.
            seconds, memory_bytes: bounds on the whole run, waiting for the answer included.
        """
        names = {"__name__": "graded_cell", "__builtins__": builtins, **self._names, **answers}
        names["grading_rng"] = rng_from(seed)
        printed, measured, error, trace = io.StringIO(), {}, None, ""
        random.seed(FIXED_SEED)
        np.random.seed(FIXED_SEED)
        torch.manual_seed(FIXED_SEED)
        try:
            with (
                _one_thread(), attachments(files), collect_measured() as measured,
                bounded(seconds, memory_bytes), contextlib.redirect_stdout(printed),
            ):
                exec(_compiled(source), names)
        except KeyboardInterrupt:
            raise
        except BaseException as raised:
            trace = "".join(traceback.format_exception(raised, limit=-TRACE_LINES))
            error = raised.with_traceback(None)
            error.__context__ = error.__cause__ = None  # its frames hold what the answer returned
        return Trial(error, printed.getvalue(), dict(measured), trace)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """The same sums in the same order on every machine, and no threads in each other's way."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _compiled(source: str | list) -> Any:

    tree = ast.Module(source, type_ignores=[]) if isinstance(source, list) else ast.parse(source)
    return compile(tree, "<graded cell>", "exec")

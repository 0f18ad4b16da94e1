"""Drive stock nbgrader in a course directory of its own: generate, submit, autograde, read the gradebook.

Nothing here replaces a part of nbgrader: each step is the command an instructor would type, in a fresh process, with
a configuration that only names the folders and gives a cell more than nbgrader's 30 seconds.
"""

import copy
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.processes import Completed, notebook_environment, supervise
from autograder.release import RELEASE_STEPS

CELL_SECONDS = 120
CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "audit"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.db_url = {db_url!r}
c.Execute.timeout = {cell_seconds}
c.ClearMarkScheme.enforce_metadata = False
c.GenerateAssignment.preprocessors = {steps!r}
"""


class StockError(RuntimeError):
    """A stock nbgrader command failed; the message holds the end of its log."""


@dataclass(frozen=True)
class CellScore:
    """The gradebook's entry of one graded cell; `score` is None while a human has still to grade it."""

    grade_id: str
    score: float | None
    points: float
    manual: bool


class StockCourse:
    """One nbgrader course directory, driven through nbgrader's command line.

    Args:
        root: folder of the course; made if need be.
        roots: folders importable in the kernels before the installed packages.
        profile: COURSE_PROFILE of the kernels.
        threads: numeric threads of the kernels; None: all.
        seed: the private grading seed.
    """

    def __init__(
        self, root: Path, *, roots: tuple[Path, ...] = (), profile: str = "smoke", threads: int | None = None,
        seed: str | None = None,
    ):
        self.root = Path(root).resolve()
        self.scratch = self.root / ".jupyter"
        self.scratch.mkdir(parents=True, exist_ok=True)
        self._environment = {"roots": roots, "profile": profile, "threads": threads, "seed": seed}
        # Two autograde processes may write at once: SQLite waits for the lock rather than giving up.
        self.db_url = f"sqlite:///{self.root / 'gradebook.db'}?timeout=60"
        config = CONFIG.format(db_url=self.db_url, cell_seconds=CELL_SECONDS, steps=generate_steps())
        (self.root / "nbgrader_config.py").write_text(config, encoding="utf-8")

    def use_threads(self, threads: int | None) -> None:
        """Change the numeric threads of later kernels; None: all."""
        self._environment["threads"] = threads

    def generate(self, assignment: str, notebook, *, stop: threading.Event | None = None):
        """`nbgrader generate_assignment` of the solved `notebook`; returns the student release.

        Raises:
            StockError: nbgrader refused the notebook.
        """
        import nbformat

        folder = self.root / "source" / assignment
        folder.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, folder / f"{assignment}.ipynb")
        done = self._nbgrader("generate_assignment", assignment, "--force", "--create", timeout=120, stop=stop)
        released = self.root / "release" / assignment / f"{assignment}.ipynb"
        if done.returncode or not released.exists():
            raise StockError(f"nbgrader generate_assignment {assignment} failed: {last_lines(done.output)}")
        return nbformat.read(released, as_version=4)

    def submit(self, student: str, assignment: str, notebook) -> Path:
        """Put a submission in place; `notebook` is a notebook or, for a damaged file, its text."""
        import nbformat

        path = self.root / "submitted" / student / assignment / f"{assignment}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = notebook if isinstance(notebook, str) else nbformat.writes(notebook)
        path.write_text(text, encoding="utf-8")
        return path

    def autograde(
        self, assignment: str, student: str, *, timeout: float = 600, results: Path | None = None,
        stop: threading.Event | None = None,
    ) -> Completed:
        """`nbgrader autograde` of one submission; the caller looks at the exit status."""
        return self._nbgrader(
            "autograde", assignment, "--student", student, "--force", timeout=timeout, results=results, stop=stop
        )

    def graded(self, assignment: str, student: str):
        """The executed notebook that autograde left, or None if it left none."""
        import nbformat

        path = self.root / "autograded" / student / assignment / f"{assignment}.ipynb"
        return nbformat.read(path, as_version=4) if path.exists() else None

    def scores(self, assignment: str, student: str) -> dict[str, CellScore]:
        """The gradebook's entries of one submission by grade_id; empty if nothing was recorded."""
        from nbgrader.api import Gradebook, MissingEntry

        with Gradebook(self.db_url, "audit") as gradebook:
            try:
                submission = gradebook.find_submission_notebook(assignment, assignment, student)
            except MissingEntry:
                return {}
            return {
                g.name: CellScore(g.name, g.auto_score, float(g.max_score), bool(g.needs_manual_grade))
                for g in submission.grades
            }

    def _nbgrader(
        self, *arguments: str, timeout: float, results: Path | None = None, stop: threading.Event | None = None
    ) -> Completed:
        env = notebook_environment(self.scratch, results=results, **self._environment)
        return supervise([sys.executable, "-m", "nbgrader", *arguments], cwd=self.root, env=env, timeout=timeout,
                         stop=stop)


def generate_steps() -> list[str]:
    """The preprocessors of generate_assignment: those of `course build`, and SaveCells, which fills the gradebook."""
    steps = list(RELEASE_STEPS)
    steps.insert(steps.index("ComputeChecksums") + 1, "SaveCells")
    return [f"nbgrader.preprocessors.{step}" for step in steps] + ["autograder.release.FinishRelease"]


def with_answers(release, answers: Mapping[str, str]):
    """A copy of a student release with the solution cells of the given grade_ids filled in."""
    notebook = copy.deepcopy(release)
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader", {})
        if meta.get("solution") and meta.get("grade_id") in answers:
            cell.source = answers[meta["grade_id"]]
    return notebook


def solved_answers(solved) -> dict[str, str]:
    """The solution cells of a solved notebook by grade_id, code and text."""
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in solved.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }


def last_lines(output: str, count: int = 3) -> str:
    """The last lines of a log, joined, for a one-line message."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return " | ".join(lines[-count:]) or "no output"

"""Solution and blank release through stock nbgrader: scores from its gradebook, time and memory of the kernel."""

import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode

from autograder.audit.figures import judge_pictures
from autograder.audit.results_table import judge_same_results, read_results
from autograder.audit.subject import AuditedUnit
from autograder.processes import Completed
from autograder.stock import CellScore, StockCourse, last_lines, solved_answers, with_answers

WALL_SECONDS, PEAK_BYTES = 60.0, 3 << 30
SOLVED, BLANK = "solution", "blank"


@dataclass
class Graded:
    """One submission after autograde; `seconds` is the time that the cells took."""

    completed: Completed
    scores: dict[str, CellScore]
    notebook: NotebookNode | None
    results: list[dict]

    @property
    def seconds(self) -> float:
        """From the first cell's start to the last one's end; the whole command where nbclient kept no times."""
        from datetime import datetime

        times = [cell.metadata.get("execution", {}) for cell in (self.notebook.cells if self.notebook else [])]
        begins = [t["iopub.execute_input"] for t in times if "iopub.execute_input" in t]
        ends = [t["shell.execute_reply"] for t in times if "shell.execute_reply" in t]
        if not begins or not ends:
            return self.completed.seconds
        first, last = (datetime.fromisoformat(t.replace("Z", "+00:00")) for t in (min(begins), max(ends)))
        return (last - first).total_seconds()


@dataclass
class StockRun:
    """The stock course of one unit, its release made; grade the two submissions with `grade`, then `judge`.

    Raises:
        StockError: generate_assignment refused the solved notebook.
    """

    audited: AuditedUnit
    seed: str
    threads: int
    stop: threading.Event
    graded: dict[str, Graded] = field(default_factory=dict)

    def __post_init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix=f"course-audit-{self.audited.unit.name}-")
        root = Path(self.folder.name)
        self.stock = StockCourse(root, roots=self.audited.roots, threads=self.threads, seed=self.seed)
        try:
            release = self.stock.generate(self.name, self.audited.solved, stop=self.stop)
        except BaseException:
            self.close()
            raise
        self.stock.submit(SOLVED, self.name, with_answers(release, solved_answers(self.audited.solved)))
        self.stock.submit(BLANK, self.name, release)

    @property
    def name(self) -> str:
        """The assignment."""
        return self.audited.unit.name

    def grade(self, student: str) -> None:
        """Autograde one submission and read what nbgrader wrote down."""
        results = Path(self.folder.name) / f"results-{student}.json"
        completed = self.stock.autograde(self.name, student, timeout=5 * WALL_SECONDS, results=results, stop=self.stop)
        self.graded[student] = Graded(
            completed, self.stock.scores(self.name, student), self.stock.graded(self.name, student),
            read_results(results),
        )

    def too_slow(self) -> bool:
        """Whether the solved notebook took more than the limit (perhaps because it was not alone)."""
        return self.graded[SOLVED].seconds > WALL_SECONDS

    def judge(self) -> None:
        """Write scores and failures to the report."""
        solved, blank = self.graded[SOLVED], self.graded[BLANK]
        report = self.audited.report
        report.seconds, report.peak_bytes = solved.seconds, solved.completed.peak_bytes
        for who, graded in self.graded.items():
            if graded.notebook is None:
                said = last_lines(graded.completed.output)
                report.fail("nbgrader", f"autograde of the {who} left no notebook: {said}",
                            file=self.audited.unit.source, mend="run the notebook in JupyterLab and look at the fault")
        for exercise in self.audited.exercises:
            _judge_exercise(self.audited, exercise, solved, blank)
        _judge_cells(self.audited, solved, blank)
        _judge_cost(self.audited, solved)
        judge_same_results(self.audited, solved.results, blank.results)
        if solved.notebook is not None:
            judge_pictures(self.audited, solved.notebook)

    def close(self) -> None:
        """Remove the course."""
        self.folder.cleanup()


def _judge_exercise(audited: AuditedUnit, exercise, solved: Graded, blank: Graded) -> None:
    report = audited.report.exercises[exercise.grade_id]
    names = [exercise.grade_id] if exercise.manual else [cell.metadata.nbgrader.grade_id for cell in exercise.tests]
    report.blank = sum((blank.scores[n].score or 0.0) for n in names if n in blank.scores)
    if not exercise.manual:
        report.solution = sum((solved.scores[n].score or 0.0) for n in names if n in solved.scores)
    place = {"exercise": exercise.grade_id, "file": audited.unit.source, "line": exercise.line}
    for name in names:
        got = solved.scores.get(name)
        if not exercise.manual and (got is None or got.score != got.points):
            said = "no score" if got is None else f"{got.score or 0:g} of {got.points:g} points"
            why = reason(solved.notebook, name)
            audited.report.fail("solution score", f"nbgrader gives the solution {said} for {name}: {why}",
                                mend="run this cell in the solved notebook", **place)
        none = blank.scores.get(name)
        if none is None or none.score != 0:
            said = "no score" if none is None else f"{none.score} points"
            audited.report.fail("blank score", f"nbgrader gives the blank release {said} for {name}",
                                mend="the check must not pass without an answer", **place)


def _judge_cells(audited: AuditedUnit, solved: Graded, blank: Graded) -> None:
    """No error in the solved notebook; in the blank one only where an answer is missing."""
    for who, graded in ((SOLVED, solved), (BLANK, blank)):
        for cell in graded.notebook.cells if graded.notebook is not None else []:
            if cell.cell_type != "code":
                continue
            is_graded = bool(cell.metadata.get("nbgrader", {}).get("grade"))
            fault = cell_fault(cell, stderr=is_graded and who == SOLVED)
            if not fault or (who == BLANK and is_graded):
                continue
            lines = [line for line in cell.source.splitlines() if line.strip() and not line.startswith("#")]
            mend = "lesson cells use course_lib, never an answer of the student" if who == BLANK else "mend the cell"
            audited.report.fail(f"{who} runs", f"a cell of the {who} notebook fails: {fault}", file=audited.unit.source,
                                line=audited.line_of(lines[0]) if lines else None, mend=mend)


def _judge_cost(audited: AuditedUnit, solved: Graded) -> None:
    if solved.seconds > WALL_SECONDS:
        audited.report.fail("time", f"the solved notebook takes {solved.seconds:.0f} s in smoke, at most "
                            f"{WALL_SECONDS:.0f} s are allowed", file=audited.unit.source,
                            mend="device.choose(smoke=…) smaller sizes")
    peak = solved.completed.peak_bytes
    if peak > PEAK_BYTES:
        audited.report.fail("memory", f"the kernel needs {peak / 2**30:.1f} GB, at most 3 GB are allowed",
                            file=audited.unit.source, mend="smaller arrays in smoke, or free them")


def reason(notebook: NotebookNode | None, grade_id: str) -> str:
    """Why a graded cell lost points, in the words of its output."""
    for cell in notebook.cells if notebook is not None else []:
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            value = next((o for o in cell.outputs if o.output_type == "execute_result"), None)
            said = cell_fault(cell, stderr=True)
            return said or (f"its last value is {value.data.get('text/plain')}" if value else "no reason in its output")
    return "the cell is not in the graded notebook"


def cell_fault(cell: NotebookNode, *, stderr: bool) -> str:
    """The error, or (if asked) the stderr, that nbgrader would see in a cell's outputs; else nothing."""
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            name = "" if output.ename == "CheckFailed" else f"{output.ename}: "
            return " ".join(f"{name}{output.evalue}".split())[:400]
        if stderr and output.output_type == "stream" and output.name == "stderr":
            return f"it writes to stderr: {' '.join(output.text.split())[:200]}"
    return ""

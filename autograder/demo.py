"""`course demo`: the main job without a browser: recordings, a solved unit, a small class, scores and reasons."""

import os
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import typer

from autograder.audit.results_table import read_results
from autograder.audit.subject import AuditedUnit
from autograder.course import Course
from autograder.errors import CourseError, short_path
from autograder.processes import stop_on_signals
from autograder.sample_class import LIMIT_SECONDS, Submission, as_expected, reasons, small_class, total
from autograder.stock import StockCourse, StockError

PREFERRED = ("02_stft", "12_ctc", "00_start")


def demo(
    unit: Annotated[str | None, typer.Option("--unit", help="Unit name or number.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Submissions at once.",
                                      show_default="all cores")] = os.cpu_count() or 1,
) -> None:
    """Take recordings, solve and run a unit, grade a class of right, wrong, damaged and empty work with nbgrader."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    stop_on_signals()
    course = Course.load()
    audited = AuditedUnit.read(course, course.unit(unit) if unit else _choose(course))
    started = time.monotonic()
    console.rule("1 · recordings", align="left")
    for line in recordings():
        console.print(line, soft_wrap=True)
    console.rule(f"2 · a class for {audited.unit.name}", align="left")
    root = course.root / "build" / "demo"
    shutil.rmtree(root, ignore_errors=True)
    stock = StockCourse(root, roots=audited.roots, threads=max(1, (os.cpu_count() or 1) // jobs),
                        seed=secrets.token_hex(8))
    try:
        release = stock.generate(audited.unit.name, audited.solved)
    except StockError as error:
        raise CourseError(str(error), mend=f"course build {audited.unit.name}") from None
    submissions = list(small_class(audited, release))
    for submission in submissions:
        path = stock.submit(submission.student, audited.unit.name, submission.notebook)
        console.print(f"  {short_path(path)}  [dim]{submission.about}[/]", soft_wrap=True)
    console.rule("3 · stock nbgrader autograde, every notebook from top to bottom", align="left")
    results = root / "results.json"
    grade_class(stock, audited, submissions, jobs=jobs, results=results)
    for table in read_results(results):
        print_results(console, table)
    console.rule("4 · scores and reasons", align="left")
    print_scores(console, audited, submissions)
    console.print(f"{len(submissions)} submissions graded; the whole demo took {time.monotonic() - started:.0f} s. "
                  f"Graded notebooks: {short_path(root / 'autograded')}")
    if not as_expected(audited, submissions):
        raise CourseError("the scores are not what they should be: see the table")


def recordings() -> Iterator[str]:
    """A few real recordings in words; generated ones where none can be had, saying so."""
    import numpy as np

    from course_lib import data

    digits, _ = data.digits_or_generated(speakers=["theo", "lucas"], digits=[3, 7], takes=[0])
    for digit in digits:
        x = digit.audio()
        level = 10 * np.log10(np.mean(np.square(x, dtype=np.float64)))
        yield f"  “{digit.digit}” by {digit.speaker}: {len(x) / 8000:.2f} s at 8000 Hz, {level:.1f} dBFS"


def grade_class(stock: StockCourse, audited: AuditedUnit, submissions: list[Submission], *, jobs: int,
                results: Path) -> None:
    """Autograde every submission, `jobs` at a time; the experiment of the first one goes to `results`."""
    from autograder.audit.progress import Steps

    stop = threading.Event()

    def grade(submission: Submission) -> None:
        submission.completed = stock.autograde(
            audited.unit.name, submission.student, timeout=LIMIT_SECONDS, stop=stop,
            results=results if submission is submissions[0] else None,
        )
        submission.scores = stock.scores(audited.unit.name, submission.student)
        submission.graded = stock.graded(audited.unit.name, submission.student)

    with Steps(quiet=not sys.stderr.isatty()) as steps, steps.step("nbgrader autograde", len(submissions)) as done:
        pool = ThreadPoolExecutor(jobs)
        try:
            for _ in pool.map(grade, submissions):
                done()
        except BaseException:
            stop.set()
            raise
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def print_results(console, table: dict) -> None:
    """A table of the experiment that the solved notebook ran."""
    from rich.table import Table

    shown = Table(title=f"the solved notebook ran its experiment: {table['title']}", title_justify="left")
    rows = table["rows"]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    for column in columns:
        shown.add_column(column)
    for row in rows:
        shown.add_row(*(f"{v:.4g}" if isinstance(v, float) else str(v) for v in (row.get(c, "") for c in columns)))
    console.print(shown)


def print_scores(console, audited: AuditedUnit, submissions: list[Submission]) -> None:
    """A row per student with the gradebook's scores, then a line per lost point with the check's own words."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_lines=False)
    table.add_column("student")
    for exercise in audited.coded:
        table.add_column(exercise.grade_id, justify="right")
    for column in ("total", "by hand", "seconds"):
        table.add_column(column, justify="right")
    by_hand = {exercise.grade_id for exercise in audited.exercises if exercise.manual}
    for submission in submissions:
        cells = [_points(submission, exercise) for exercise in audited.coded]
        got, most = total(audited, submission)
        manual = sum(submission.scores[name].manual for name in by_hand & submission.scores.keys())
        colour = "green" if got == most else "red" if got == 0 else "yellow"
        table.add_row(submission.student, *cells, f"[{colour}]{got:g}/{most:g}[/]", str(manual or ""),
                      f"{submission.completed.seconds:.0f}")
    console.print(table)
    for submission in submissions:
        for where, why in reasons(audited, submission):
            console.print(f"  [bold]{submission.student}[/] {where}: {escape(why)}", soft_wrap=True)


def _choose(course: Course):
    usable = [u for u in course.units.values() if u.source.is_file() and any(u.tests.glob("*/wrong_*.py"))]
    for name in PREFERRED:
        if any(unit.name == name for unit in usable):
            return course.units[name]
    if usable:
        return usable[0]
    raise CourseError("no unit has a source and named answers", mend="course new NN_name makes a skeleton")


def _points(submission: Submission, exercise) -> str:
    names = [cell.metadata.nbgrader.grade_id for cell in exercise.tests]
    scores = [submission.scores[n].score for n in names if n in submission.scores]
    if not scores or all(score is None for score in scores):
        return "–"
    return f"{sum(score or 0.0 for score in scores):g}/{exercise.points:g}"

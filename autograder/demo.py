"""`course demo`: the main job without a browser: a class hands in, and is graded with the commands of an instructor."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from autograder.audit.subject import AuditedUnit
from autograder.course import Course, Unit
from autograder.errors import CourseError, short_path
from autograder.evidence.record import Record
from autograder.pages.graded import latest_class
from autograder.processes import stop_on_signals
from autograder.release import make_release
from autograder.sample_class import Student, as_download, fair, small_class

PREFERRED = ("02_stft", "12_ctc", "00_start")
COMMAND_SECONDS = 900
COPIED = ("course.toml", "nbgrader_config.py")


def demo(
    unit: Annotated[str | None, typer.Option("--unit", help="Unit name or number.")] = None,
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Submissions at once.",
                                      show_default="all cores")] = os.cpu_count() or 1,
    sandbox: Annotated[str, typer.Option("--sandbox", help="As for `course grade`.")] = "auto",
) -> None:
    """Take recordings, make a class of right, wrong, damaged and dishonest work, and grade it from zip to export."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 120, highlight=False)
    stop_on_signals()
    course = Course.load()
    audited = AuditedUnit.read(course, course.unit(unit) if unit else _choose(course))
    name, started = audited.unit.name, time.monotonic()
    console.rule("1 · recordings", align="left")
    for line in recordings():
        console.print(line, soft_wrap=True)
    console.rule(f"2 · a class hands in {name}", align="left")
    root = _empty_course(course, audited.unit)
    students = list(small_class(audited, make_release(audited.solved)))
    download = root / "moodle.zip"
    download.write_bytes(as_download(students, name))
    for one in students:
        console.print(f"  {one.student:<17} [dim]{one.about}[/]", soft_wrap=True)
    console.rule("3 · the commands of an instructor", align="left")
    for arguments in (
        ("grade", name, "--submissions", download.name, "--sandbox", sandbox, "--jobs", str(jobs)),
        ("verify-grades", name), ("feedback", name), ("report", name), ("similarity", name),
        ("export", name, "--to", "moodle"),
    ):
        run(root, arguments, console)
    console.rule("4 · scores and reasons", align="left")
    found = {record.name: record for record in latest_class(Course.load(root), audited.unit)}
    print_scores(console, audited, students, found)
    console.print(f"{len(students)} submissions; the whole demo took {time.monotonic() - started:.0f} s. "
                  f"Feedback, report, gradebook and evidence: {short_path(root / 'build')}")
    unfair = [one.student for one in students if not fair(one, *_total(audited, found[one.student]))]
    if unfair:
        raise CourseError(f"the scores of {', '.join(unfair)} are not what the work deserves: see the table")


def recordings() -> Iterator[str]:
    """A few real recordings in words; generated ones where none can be had, saying so."""
    import numpy as np

    from course_lib import data

    digits, _ = data.digits_or_generated(speakers=["theo", "lucas"], digits=[3, 7], takes=[0])
    for digit in digits:
        x = digit.audio()
        level = 10 * np.log10(np.mean(np.square(x, dtype=np.float64)))
        yield f"  “{digit.digit}” by {digit.speaker}: {len(x) / 8000:.2f} s at 8000 Hz, {level:.1f} dBFS"


def run(root: Path, arguments: tuple[str, ...], console) -> None:
    """Run one `course` command in the folder of the demo, and show it and what it prints.

    Raises:
        CourseError: it fails, or takes longer than a quarter of an hour.
    """
    shown = "course " + " ".join(arguments)
    console.print(f"[bold]$ {shown}[/]", soft_wrap=True)
    path = os.pathsep.join(filter(None, [str(Path(__file__).resolve().parent.parent), os.environ.get("PYTHONPATH")]))
    try:
        done = subprocess.run(
            [sys.executable, "-m", "autograder", *arguments], cwd=root, env=os.environ | {"PYTHONPATH": path},
            stdout=subprocess.PIPE, text=True, encoding="utf-8", timeout=COMMAND_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise CourseError(f"`{shown}` took longer than {COMMAND_SECONDS} s", mend="course doctor") from None
    console.print("".join(f"  {line}\n" for line in done.stdout.splitlines()), markup=False, end="", soft_wrap=True)
    if done.returncode:
        raise CourseError(f"`{shown}` failed with exit status {done.returncode}", mend="course doctor")


def print_scores(console, audited: AuditedUnit, students: list[Student], found: dict[str, Record]) -> None:
    """A row per student, then a line per lost point and per flag, in the grader's own words."""
    from rich.markup import escape
    from rich.table import Table

    table = Table(show_lines=False)
    table.add_column("student")
    for column in [exercise.grade_id for exercise in audited.coded] + ["total", "flags", "seconds"]:
        table.add_column(column, justify="right")
    for one in students:
        record = found[one.student]
        got, most = _total(audited, record)
        cells = [f"{_points(record, _tests(e)):g}/{e.points:g}" for e in audited.coded]
        colour = "green" if got == most else "red" if got == 0 else "yellow"
        table.add_row(one.student, *cells, f"[{colour}]{got:g}/{most:g}[/]", str(len(record.flags) or ""),
                      f"{record.run['seconds']:.1f}")
    console.print(table)
    for one in students:
        record = found[one.student]
        lost = [r.message for r in record.results if r.score == 0 and r.message]
        for text in dict.fromkeys([*record.flags, *lost]):
            console.print(f"  [bold]{one.student}[/] {escape(' '.join(text.split())[:240])}", soft_wrap=True)


def _tests(exercise) -> list[str]:
    return [cell.metadata.nbgrader.grade_id for cell in exercise.tests]


def _points(record: Record, tests: list[str]) -> float:
    return sum(result.score or 0.0 for result in record.results if result.grade_id in tests)


def _total(audited: AuditedUnit, record: Record) -> tuple[float, float]:
    """Points for the exercises that the computer grades, and the most it could give."""
    names = [name for exercise in audited.coded for name in _tests(exercise)]
    return _points(record, names), sum(e.points for e in audited.coded)


def _empty_course(course: Course, unit: Unit) -> Path:
    """A course directory of its own below build/, so that the demo never touches a real gradebook."""
    root = course.root / "build" / "demo"
    shutil.rmtree(root, ignore_errors=True)
    for file in (*(course.root / name for name in COPIED), unit.source):
        target = root / file.relative_to(course.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    return root


def _choose(course: Course) -> Unit:
    usable = [u for u in course.units.values() if u.source.is_file() and any(u.tests.glob("*/wrong_*.py"))]
    for name in PREFERRED:
        if any(unit.name == name for unit in usable):
            return course.units[name]
    if usable:
        return usable[0]
    raise CourseError("no unit has a source and named answers", mend="course new NN_name makes a skeleton")

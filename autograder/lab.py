"""`course lab`: JupyterLab on copies of the student notebooks, which no later build or update overwrites."""

import contextlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from autograder.build import build_unit, read_notebook
from autograder.course import Course, CourseError, Unit
from autograder.errors import short_path
from autograder.files import disk_error, write_all

WORK = "work"
SOLVED = ["--ServerApp.contents_manager_class=autograder.pairing.CourseContentsManager"]


def lab(
    context: typer.Context,
    teach: Annotated[bool, typer.Option("--teach", help="Open the whole checkout: sources, formgrader.")] = False,
    new: Annotated[bool, typer.Option("--new", help="Write newer releases beside yours.")] = False,
    prepare: Annotated[bool, typer.Option("--prepare", help="Only put the notebooks in place; open nothing.")] = False,
) -> None:
    """Open JupyterLab on your copies of the student notebooks; what it does not know is passed on to JupyterLab."""
    course = Course.load()
    build_missing(course)
    for unit in course.units.values():
        if unit.release.exists():
            hand_out(course, unit, ask=not new and sys.stdin.isatty(), new=new)
    if not prepare:
        folder = course.root if teach else course.root / WORK
        raise typer.Exit(open_lab(course.root, folder, [*(SOLVED if teach else []), *context.args]))


lab.context_settings = {"allow_extra_args": True, "ignore_unknown_options": True}


def build_missing(course: Course) -> None:
    """Build each unit that has a source and no release; a unit that cannot be built is named, and left out."""
    for unit in course.units.values():
        if unit.release.exists() or not unit.source.exists():
            continue
        try:
            write_all({path: text for path, text in build_unit(course, unit).texts().items() if path != unit.source})
            typer.echo(f"{unit.name}: built")
        except CourseError as error:
            typer.echo(f"{unit.name} cannot be built: {error}", err=True)


def hand_out(course: Course, unit: Unit, *, ask: bool, new: bool) -> None:
    """Copy a release into work/ where the student has none yet; never touch one that is there.

    Args:
        ask: ask before a newer release is written beside the student's notebook.
        new: write it without asking.
    """
    mine = course.root / WORK / unit.name / f"{unit.name}.ipynb"
    if not mine.exists():
        _copy(unit.release, mine)
        typer.echo(f"{unit.name}: {short_path(mine)} is yours")
        return
    if not newer_release(unit, mine):
        return
    beside = mine.with_suffix(".new.ipynb")
    question = f"{unit.name}: there is a newer release. Write it beside yours as {beside.name}?"
    if new or (ask and typer.confirm(question)):
        _copy(unit.release, beside)
        typer.echo(f"{unit.name}: {short_path(beside)} is the newer release; yours is as you left it")
    elif not ask:
        typer.echo(f"{unit.name}: there is a newer release; `course lab --new` writes it beside yours as {beside.name}")


def newer_release(unit: Unit, mine: Path) -> bool:
    """Whether the release changed since the student's copy was made, and is not beside it yet."""
    now = _made_from(unit.release)
    return now is not None and all(_made_from(path) != now for path in (mine, mine.with_suffix(".new.ipynb")))


def open_lab(root: Path, folder: Path, arguments: list[str]) -> int:
    """Run JupyterLab until it is stopped. It starts in the checkout, where nbgrader finds its configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}", *arguments]
    # A checkout that is not installed still gives its kernels course_lib.
    paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    with contextlib.suppress(KeyboardInterrupt):
        return subprocess.run(command, cwd=root, env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)}).returncode
    return 0


def _copy(source: Path, target: Path) -> None:
    """Copy by way of a temporary file, so that a full disk leaves no half notebook."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            shutil.copyfile(source, temporary)
            if target.name.endswith(".new.ipynb"):
                os.replace(temporary, target)
            elif not target.exists():
                os.rename(temporary, target)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(error, target) from None


def _made_from(path: Path) -> str | None:
    """The digest that the builder wrote into a notebook; students' edits leave it alone."""
    try:
        return read_notebook(path).metadata.get("course", {}).get("digest")
    except CourseError:
        return None

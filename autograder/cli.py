"""`course`: the one command line of the checkout. Each command lives in its own module, imported when it is called."""

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import typer

from autograder.errors import CourseError
from autograder.files import MENDS, disk_error

COMMANDS = {
    "build": ("autograder.build", "Build solved notebooks and student releases from the percent sources."),
    "audit": ("autograder.audit.cli", "Put every exercise to the gates of the unit contract."),
    "run": ("autograder.run", "Run the experiment of a unit and record its table."),
    "new": ("autograder.new", "Make the skeleton of a unit."),
    "lab": ("autograder.lab", "Open JupyterLab on the student notebooks."),
    "demo": ("autograder.demo", "Grade a small class and print the scores with the reasons."),
    "feedback": ("autograder.feedback.command", "Write the feedback page of every student."),
    "report": ("autograder.report.command", "Write the report on the class: scores, mistakes, times, flags."),
    "leaderboard": ("autograder.leaderboard.command", "Rank the trained models of the class."),
    "similarity": ("autograder.similarity.command", "Compare the answers of the class with each other."),
    "doctor": ("autograder.doctor", "Check this machine, with a mend for each fault."),
    "grade": ("autograder.grade.cli", "Grade the submissions of a unit."),
    "verify-grades": ("autograder.grade.verify_cli", "Show any change of a grade, a record or the gradebook."),
    "export": ("autograder.export.cli", "Write the grades as CSV for Canvas or Moodle."),
    "data": ("course_lib.data.cli", "List, fetch, verify and make data sets."),
}
"""Command → its module, which holds a function of that name or a typer application `app`; and one line of help."""


def make_app(called: str | None = None) -> typer.Typer:
    """The command line; only the called command is imported, so that `doctor` works on a broken machine."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False,
                      help="Build, check, grade and run the course.")
    for name, (module, help_line) in COMMANDS.items():
        command = _load(name, module) if name == called else _not_loaded
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name, help=help_line)
        else:
            settings = getattr(command, "context_settings", None)
            app.command(name, context_settings=settings, short_help=help_line)(command)
    return app


def _not_loaded() -> None:
    """Stands in the help page for a command that is not called."""


def _load(name: str, module: str) -> Callable | typer.Typer:
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        missing = error.name or str(error)
        if missing.startswith(("autograder", "course_lib")):
            raise CourseError(f"`course {name}` is not part of this checkout: no module {missing}") from None
        mend = "run `make lab`, or see `course doctor`"
        raise CourseError(f"`course {name}` cannot import {missing}", mend=mend) from error
    return getattr(found, "app", None) or getattr(found, name.replace("-", "_"))


def main(arguments: list[str] | None = None) -> None:
    """Run `course`. A fault is one line on stderr and exit status 1, not a traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        make_app(arguments[0] if arguments else None)(args=arguments, prog_name="course")
    except CourseError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if error.errno not in MENDS or error.filename is None:
            raise
        print(disk_error(error, Path(error.filename)), file=sys.stderr)
        sys.exit(1)

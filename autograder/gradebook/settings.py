"""Where the gradebook lies: what nbgrader_config.py says to nbgrader, read for our own commands too."""

import os
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError

CONFIG_FILE = "nbgrader_config.py"
SECRET = "COURSE_GRADING_SEED"


@dataclass(frozen=True)
class Settings:
    """The entries of nbgrader's configuration that the grader needs.

    Args:
        db_url: of the gradebook, as SQLAlchemy reads it. It may hold a password: never print it.
        course_id: nbgrader's name of the course.
        autograded, submitted: folders that hold STUDENT/UNIT/UNIT.ipynb.
    """

    db_url: str
    course_id: str
    autograded: Path
    submitted: Path

    @classmethod
    def read(cls, root: Path, db_url: str | None = None) -> "Settings":
        """What `root`/nbgrader_config.py says; a `db_url` given here wins.

        Raises:
            CourseError: the file is not there or does not run.
        """
        entries = _load(Path(root))
        build = Path(root) / "build"
        url = db_url or entries.get("db_url") or f"sqlite:///{build / 'gradebook.db'}"
        return cls(
            driver_named(url), entries.get("course_id", ""),
            Path(root, entries.get("autograded_directory", build / "autograded")),
            Path(root, entries.get("submitted_directory", build / "submitted")),
        )


def driver_named(url: str) -> str:
    """The URL with the driver that this course installs: psycopg for PostgreSQL."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def _load(root: Path) -> dict:
    from traitlets.config.loader import PyFileConfigLoader

    file = root / CONFIG_FILE
    if not file.is_file():
        raise CourseError(f"there is no {CONFIG_FILE}", root, None, "it is part of the checkout: restore it")
    secret = os.environ.get(SECRET)
    try:
        config = PyFileConfigLoader(CONFIG_FILE, path=str(root)).load_config()
    except Exception as error:  # the file is Python: anything may happen in it
        raise CourseError(f"does not run: {type(error).__name__}: {error}", file) from error
    finally:
        if secret is None:  # the file tells the secret to kernels of nbgrader; ours must not inherit it
            os.environ.pop(SECRET, None)
    return dict(config.get("CourseDirectory", {}))

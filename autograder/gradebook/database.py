"""nbgrader's database, opened once and written in whole transactions through nbgrader's own API."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from autograder.errors import CourseError

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

LOCK_SECONDS = 60
MENDS = {
    "locked": "another program is writing to it: try again",
    "no such column": "back it up, then: nbgrader db upgrade",
    "readonly": "you may not write there: work in a checkout of your own",
    "does not exist": "make the database first: createdb NAME",
    "not a database": "the file is damaged or something else: put a backup in its place",
}


class Database:
    """One open gradebook.

    Args:
        url: as SQLAlchemy reads it, driver included.
        course_id: nbgrader's name of the course.

    Raises:
        CourseError: there is no such database, or it has another form than this nbgrader's. The message holds no
            password.
    """

    def __init__(self, url: str, course_id: str):
        from nbgrader.api import Gradebook

        self.url = patient(url)
        _make_folder(self.url)
        with database_errors(self.url):
            make_tables(self.url)
            self._gradebook = Gradebook(self.url, course_id)
            if self._gradebook.engine.dialect.name == "sqlite":
                _sqlite_transactions(self._gradebook.engine)

    @contextmanager
    def transaction(self) -> Iterator["Gradebook"]:
        """nbgrader's API, whose many commits take effect together at the end, or not at all.

        Raises:
            CourseError: the database refused.
        """
        from sqlalchemy.orm import scoped_session, sessionmaker

        gradebook = self._gradebook
        with database_errors(self.url), gradebook.engine.begin() as connection:
            # A commit inside ends a savepoint only; the one of `connection` ends the transaction.
            own, gradebook.db = gradebook.db, scoped_session(
                sessionmaker(bind=connection, join_transaction_mode="create_savepoint"))
            try:
                with warnings.catch_warnings():  # nbgrader links new rows before it adds them: harmless
                    warnings.filterwarnings("ignore", "Object of type .* not in session")
                    yield gradebook
                gradebook.db.commit()
            finally:
                gradebook.db.remove()
                gradebook.db = own

    def close(self) -> None:
        """Close all connections."""
        self._gradebook.close()


@contextmanager
def database_errors(url: str) -> Iterator[None]:
    """Turn SQLAlchemy's errors into one sentence with a mend and without a password."""
    from nbgrader.api import InvalidEntry
    from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

    try:
        yield
    except ModuleNotFoundError as error:
        raise CourseError(f"the gradebook's driver is not installed: {error.name}",
                          mend="make lab, or pip install 'psycopg[binary]' for PostgreSQL") from error
    except (ArgumentError, NoSuchModuleError) as error:
        raise CourseError("the gradebook's URL cannot be read",
                          mend="sqlite:////folder/gradebook.db or postgresql://user:password@host/name") from error
    except (DBAPIError, InvalidEntry) as error:  # nbgrader wraps some of the former into the latter
        said = str(getattr(error, "orig", error)).strip().splitlines()[0]
        mend = next((mend for words, mend in MENDS.items() if words in said), "is the server running, the URL right?")
        raise CourseError(f"the gradebook {shown(url)} says: {said}", mend=mend) from error


def shown(url: str) -> str:
    """The URL without its password."""
    from sqlalchemy import make_url

    return make_url(url).render_as_string(hide_password=True)


def patient(url: str) -> str:
    """SQLite waits for another writer (formgrader) rather than giving up after five seconds."""
    if url.startswith("sqlite:///") and "timeout=" not in url:
        return f"{url}{'&' if '?' in url else '?'}timeout={LOCK_SECONDS}"
    return url


def _make_folder(url: str) -> None:
    from pathlib import Path

    from sqlalchemy import make_url

    with database_errors(url):
        parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)


def make_tables(url: str) -> None:
    """Give an empty database nbgrader's tables and their version; nothing for one that has tables.

    nbgrader's own `Gradebook` would start the program `alembic` to learn the version: seconds, and it must be on PATH.
    """
    from pathlib import Path

    import nbgrader
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from nbgrader.api import Base
    from sqlalchemy import create_engine, inspect

    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            if not inspect(connection).get_table_names():
                Base.metadata.create_all(connection)
                scripts = ScriptDirectory(str(Path(nbgrader.__file__).parent / "alembic"))
                MigrationContext.configure(connection).stamp(scripts, "head")
    finally:
        engine.dispose()


def _sqlite_transactions(engine) -> None:
    """Python's sqlite3 begins transactions late and breaks savepoints; SQLAlchemy's own recipe against it.

    BEGIN IMMEDIATE, because all our transactions write: two writers then queue instead of meeting in a deadlock.
    """
    from sqlalchemy import event

    @event.listens_for(engine, "connect")
    def _connect(connection, _record):
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _begin(connection):
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    engine.dispose()  # connections made before the listeners

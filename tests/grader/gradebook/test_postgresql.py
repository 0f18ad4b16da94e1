"""The same gradebook on a real PostgreSQL server, which the test starts in a folder of its own."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from classroom import UNIT, examine, hand_in
from test_book_scores import graded_by_hand

from autograder.errors import CourseError
from autograder.gradebook import Entry, GradeBook

pytestmark = pytest.mark.slow
pwd = pytest.importorskip("pwd", reason="PostgreSQL is not tested: no Unix")
psycopg = pytest.importorskip("psycopg", reason="PostgreSQL is not tested: psycopg is not installed (make lab)")


class Server:
    """A PostgreSQL server on a Unix socket, as a user without rights where the tests run as root."""

    def __init__(self, programs: Path, folder: Path):
        self.programs, self.folder = programs, folder
        self.user = self._ordinary_user()
        if self.user:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)
        self.run("initdb", "-D", folder / "data", "-U", "course", "--auth=trust", "--no-sync", "--locale=C.UTF-8")
        # A socket only: no port to collide on. Without fsync: the data is thrown away.
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=20"
        self.run("pg_ctl", "-D", folder / "data", "-l", folder / "log", "-o", options, "-w", "start")

    @staticmethod
    def _ordinary_user():
        if os.getuid() != 0:
            return None
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                return pwd.getpwnam(name)
        pytest.skip("PostgreSQL is not tested: its server refuses to run as root, and there is no other user")

    def run(self, program: str, *arguments) -> None:
        as_user = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        log = self.folder.parent / "commands.log"
        with log.open("ab") as stream:  # a file, not a pipe: the server keeps it open
            done = subprocess.run([str(self.programs / program), *map(str, arguments)], cwd="/", timeout=120,
                                  stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, **as_user)
        assert done.returncode == 0, log.read_text()

    def new_database(self, name: str, template: str = "template1") -> str:
        """A copy of another database; its URL as one would write it, without a driver."""
        with psycopg.connect(host=str(self.folder), user="course", dbname="postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"postgresql://course:secret@/{name}?host={self.folder}"


@pytest.fixture(scope="module")
def server(first_course):
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [shutil.which("initdb")]
    if not found[-1]:
        pytest.skip("PostgreSQL is NOT tested: no server on this machine (apt install postgresql)")
    # Below /tmp and short: a socket's path has at most 107 characters, and other users may not enter pytest's folders.
    base = Path(tempfile.mkdtemp(prefix="pg-"))
    base.chmod(0o755)
    folder = base / "server"
    folder.mkdir()
    running = Server(Path(found[-1]).parent, folder)
    course, assignment = first_course
    with GradeBook(course, running.new_database("first")) as book:
        book.ensure(assignment)
    yield running
    running.run("pg_ctl", "-D", folder / "data", "-m", "immediate", "stop")
    shutil.rmtree(base)


@pytest.fixture
def url(server, request):
    return server.new_database(request.node.name[-40:], template="first")


def test_a_graded_class(course, assignment, url):
    with GradeBook(course, url) as book:
        book.ensure(assignment)
        ann = hand_in(assignment, "ann", name="Zoë Lee", received="2026-11-20T10:00:00+01:00")
        bob = hand_in(assignment, "bob", mute=None, explain_gain="half \x00 of \ud800 it 🎧")
        assert book.write(ann, examine(ann)).score == 4.0
        assert book.write(bob, examine(bob, test_scale="no \x00 zero")).score == 0.0
    with GradeBook(course, url) as book:  # another process, another day
        book.ensure(assignment)
        graded_by_hand(book, "ann", "explain_gain", "1.5")  # formgrader sends numbers as texts
        assert book.write(ann, examine(ann)).waiting == ()
        assert book.scores(UNIT)["ann"]["explain_gain"] == Entry(None, 1.5, None, False)
        totals = {t.student: (t.final, t.last_name, str(t.received)) for t in book.totals(UNIT)}
        assert totals == {"ann": (5.5, "Lee", "2026-11-20 09:00:00"), "bob": (0.0, "bob", "None")}
    assert not (course.root / "build/gradebook.db-journal").exists()


def test_the_same_rows_as_on_sqlite(course, assignment, url, book):
    with GradeBook(course, url) as there:
        there.ensure(assignment)
        for store in (book, there):
            for student, lost in {"ann": {}, "bob": {"test_scale": "wrong"}}.items():
                submission = hand_in(assignment, student)
                store.write(submission, examine(submission, **lost))
        assert there.scores(UNIT) == book.scores(UNIT)
        assert there.totals(UNIT) == book.totals(UNIT)


def test_an_interrupted_write_leaves_nothing(course, assignment, url, monkeypatch):
    from autograder.gradebook import rows

    with GradeBook(course, url) as book:
        book.ensure(assignment)
        submission = hand_in(assignment, "ann")

        def fail(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(rows, "comment_on", fail)
            with pytest.raises(KeyboardInterrupt):
                book.write(submission, examine(submission))
        assert book.scores(UNIT) == {}
        assert book.write(submission, examine(submission)).score == 4.0


def test_formgrader_may_read_while_we_write(course, assignment, url):
    """Two connections, one in the middle of a transaction."""
    with GradeBook(course, url) as book, GradeBook(course, url) as formgrader:
        book.ensure(assignment)
        submission = hand_in(assignment, "ann")
        book.write(submission, examine(submission))
        with book._database.transaction() as gradebook:
            gradebook.find_grade("explain_gain", UNIT, UNIT, "ann").manual_score = 2.0
            gradebook.db.flush()
            assert formgrader.scores(UNIT)["ann"]["explain_gain"].manual is None
        assert formgrader.scores(UNIT)["ann"]["explain_gain"].manual == 2.0


def test_a_database_that_is_not_there_is_a_sentence_without_the_password(course, server, url):
    with pytest.raises(CourseError, match="does not exist") as caught:
        GradeBook(course, url.replace("/test_", "/none_").replace(f"/{url.split('/')[3].split('?')[0]}", "/none"))
    assert "secret" not in str(caught.value)

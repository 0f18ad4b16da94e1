"""What the cases run in: one examiner per unit, listeners that nobody may reach, a gradebook that nobody may touch."""

import os
import socket
import sqlite3
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import pytest
from roster import TOKEN


@pytest.fixture(scope="session")
def level():
    """The sandbox's level; without one the cases that need it are skipped, and say so."""
    from bench import usable

    return "none" if usable("bwrap") else "bwrap"


@pytest.fixture(scope="session")
def canary():
    """A secret of the instructor's in the grader's environment."""
    from bench import CANARY

    os.environ["COURSE_GRADING_SEED"] = os.environ["ADVERSARY_TOKEN"] = CANARY
    yield CANARY
    del os.environ["COURSE_GRADING_SEED"], os.environ["ADVERSARY_TOKEN"]


@pytest.fixture(scope="session")
def benches(level, canary):
    """Unit → its bench, opened when it is first asked for."""
    from bench import Bench

    opened = {}

    def of(unit: str) -> Bench:
        if unit not in opened:
            opened[unit] = Bench(unit, level)
            opened[unit].__enter__()
        return opened[unit]

    yield of
    for bench in opened.values():
        bench.__exit__(None, None, None)


@pytest.fixture(scope="session")
def listeners():
    """A TCP and an abstract Unix socket on this machine; the list of all who connected."""
    visitors, open_sockets = [], []
    for family, addresses in ((socket.AF_INET, [("127.0.0.1", port) for port in range(47811, 47814)]),
                              (socket.AF_UNIX, ["\0" + TOKEN])):
        for address in addresses:
            server = socket.socket(family)
            with suppress(OSError):  # another worker of this suite holds it: the attack finds that one
                server.bind(address)
                server.listen()
                open_sockets.append(server)
                threading.Thread(target=_accept, args=(server, visitors), daemon=True).start()
                break
    yield visitors
    for server in open_sockets:
        server.close()


def _accept(server: socket.socket, visitors: list) -> None:
    with suppress(OSError):
        while True:
            connection, address = server.accept()
            visitors.append((server.getsockname(), address))
            connection.close()


@pytest.fixture(scope="session")
def gradebook():
    """A gradebook where the attacks look for one; the names of the triggers in it."""
    with tempfile.TemporaryDirectory(prefix="adversary-gradebook-") as folder:
        file = Path(folder, "gradebook.db")
        with sqlite3.connect(file) as db:
            db.execute("CREATE TABLE grade (id INTEGER PRIMARY KEY, auto_score REAL)")
        file.chmod(0o666)
        Path(folder).chmod(0o777)

        def triggers() -> list[str]:
            with sqlite3.connect(file) as db:
                return [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]

        yield triggers

"""A new database is what nbgrader would have made, without the seconds that nbgrader needs for it."""

import sqlite3
import sys

import nbgrader.api
import pytest

from autograder.gradebook.database import Database, make_tables


def structure(file):
    """Every table, index and trigger but the table of the version, and the version."""
    with sqlite3.connect(file) as database:
        made = database.execute("SELECT sql FROM sqlite_master WHERE tbl_name != 'alembic_version'").fetchall()
        return sorted(map(str, made)), database.execute("SELECT version_num FROM alembic_version").fetchall()


def test_tables_and_version_are_those_of_nbgrader(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", sys.prefix + "/bin", prepend=":")
    nbgrader.api.Gradebook(f"sqlite:///{tmp_path}/theirs.db").close()
    make_tables(f"sqlite:///{tmp_path}/ours.db")
    assert structure(tmp_path / "ours.db") == structure(tmp_path / "theirs.db")


def test_it_needs_no_program_on_the_path(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    Database(f"sqlite:///{tmp_path}/new.db", "course").close()
    assert structure(tmp_path / "new.db")[1]


def test_a_database_with_tables_is_left_alone(tmp_path):
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE mine (x)")
    make_tables(f"sqlite:///{file}")
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]


@pytest.mark.parametrize("times", [2, 3])
def test_making_them_again_changes_nothing(tmp_path, times):
    file = tmp_path / "ours.db"
    make_tables(f"sqlite:///{file}")
    before = file.read_bytes()
    for _ in range(times - 1):
        make_tables(f"sqlite:///{file}")
    assert file.read_bytes() == before

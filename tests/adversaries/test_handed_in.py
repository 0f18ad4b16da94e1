"""Hostile uploads: links, names that climb, bombs, pipes. Each costs its own student, the class is collected."""

import io
import os
import stat
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest

from autograder.course import Course
from autograder.errors import CourseError
from autograder.intake import collect

GOOD = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]))
UNIT = "00_start"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def course():
    return Course.load(ROOT)


def collected(source: Path, course) -> dict[str, bytes]:
    """Student → bytes, within ten seconds."""
    started = time.monotonic()
    result = collect(source, UNIT, course)
    assert time.monotonic() - started < 10
    return {item.student: item.data for item in result.items}


def folder_of(tmp_path: Path) -> Path:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "anna.ipynb").write_text(GOOD)
    return tmp_path / "class"


def moodle(student: str, number: int = 1) -> str:
    return f"{student}_{number:07d}_assignsubmission_file_/{UNIT}.ipynb"


def archive(tmp_path: Path, write) -> Path:
    """A learning platform's zip with Anna's good file in it, and what `write` adds."""
    path = tmp_path / "class.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(moodle("Anna Meier"), GOOD)
        write(file)
    return path


def has_good(items: dict[str, bytes]) -> bool:
    return any(data == GOOD.encode() for data in items.values())


@pytest.mark.parametrize("target", ["/etc/passwd", "../solution.ipynb", "/dev/zero", "/proc/self/environ", "."])
def test_symbolic_link(target, tmp_path, course):
    (tmp_path / "solution.ipynb").write_text(GOOD.replace("1 + 1", "the solution"))
    folder = folder_of(tmp_path)
    (folder / "mallory.ipynb").symlink_to(target)
    items = collected(folder, course)
    assert items["anna"] == GOOD.encode()
    assert b"the solution" not in items.get("mallory", b"")
    assert b"root:" not in items.get("mallory", b"")


def test_linked_folder(tmp_path, course):
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / f"{UNIT}.ipynb").write_text(GOOD.replace("1 + 1", "of another"))
    folder = folder_of(tmp_path)
    (folder / "mallory").symlink_to(tmp_path / "other")
    assert not any(b"of another" in data for data in collected(folder, course).values())


def test_pipe_and_socket(tmp_path, course):
    """Reading them would wait for ever."""
    folder = folder_of(tmp_path)
    os.mkfifo(folder / "mallory.ipynb")
    os.mknod(folder / "eve.ipynb", stat.S_IFSOCK | 0o600)
    items = collected(folder, course)
    assert items["anna"] == GOOD.encode()
    assert not items.get("mallory")
    assert not items.get("eve")


def test_folder_named_like_a_file(tmp_path, course):
    folder = folder_of(tmp_path)
    (folder / "mallory.ipynb").mkdir()
    assert collected(folder, course)["anna"] == GOOD.encode()


def test_file_of_a_terabyte(tmp_path, course):
    folder = folder_of(tmp_path)
    with open(folder / "mallory.ipynb", "wb") as file:
        file.truncate(1 << 40)
    items = collected(folder, course)
    assert items["anna"] == GOOD.encode()
    assert len(items.get("mallory", b"")) < 1 << 28


@pytest.mark.parametrize("name", ["-rf.ipynb", "a\nb.ipynb", "\x1b[2Jclear.ipynb", "<script>.ipynb", "=1+1.ipynb",
                                  "é" * 100 + ".ipynb", "..ipynb", "...ipynb", "a;b'c\".ipynb", "\udcff.ipynb"])
def test_names(name, tmp_path, course):
    folder = folder_of(tmp_path)
    (folder / name).write_text(GOOD)
    result = collect(folder, UNIT, course)
    assert any(item.student == "anna" for item in result.items)
    for item in result.items:
        assert item.student not in ("", ".", "..")
        assert not set(item.student) & set("/\\\n\r\0\x1b")
        item.student.encode()


@pytest.mark.parametrize("name", ["../../../../tmp/course-adversary-8d1c.ipynb", "/tmp/course-adversary-8d1c.ipynb",
                                  "..\\..\\course-adversary-8d1c.ipynb", "C:\\course-adversary-8d1c.ipynb",
                                  "x/../../course-adversary-8d1c.ipynb"])
def test_zip_that_climbs(name, tmp_path, course):
    path = archive(tmp_path, lambda file: file.writestr(name, GOOD.replace("1 + 1", "climbed")))
    before = set(tmp_path.rglob("*"))
    assert has_good(collected(path, course))
    assert set(tmp_path.rglob("*")) == before
    for folder in (Path("/tmp"), tmp_path.parent, Path.cwd()):
        assert not list(folder.glob("*course-adversary-8d1c*.ipynb"))


def test_zip_bomb(tmp_path, course):
    """A thousandfold compression, 1 GB in one file."""
    def bomb(file):
        with file.open(moodle("Mallory", 2), "w", force_zip64=True) as entry:
            for _ in range(64):
                entry.write(b"\0" * (1 << 24))
    path = archive(tmp_path, bomb)
    items = collected(path, course)
    assert has_good(items)
    assert all(len(data) < 1 << 28 for data in items.values())


def test_zip_of_a_hundred_thousand(tmp_path, course):
    path = archive(tmp_path, lambda file: [file.writestr(f"x{i}", b"") for i in range(100_000)])
    with suppress(CourseError):  # refused as a whole, in words: fine
        assert len(collected(path, course)) <= 50_000


def test_zip_within_a_zip(tmp_path, course):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as file:
        file.writestr(f"{UNIT}.ipynb", GOOD)
    path = archive(tmp_path, lambda file: file.writestr(moodle("M", 2).replace(".ipynb", ".zip"), inner.getvalue()))
    assert has_good(collected(path, course))


def test_zip_with_a_link(tmp_path, course):
    def link(file):
        entry = zipfile.ZipInfo(moodle("Mallory", 2))
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(entry, "/etc/passwd")
    items = collected(archive(tmp_path, link), course)
    assert has_good(items)
    assert not any(b"root:" in data for data in items.values())


def test_zip_that_lies_about_sizes(tmp_path, course):
    """The directory says 1 byte, the data are more; and a checksum that is wrong."""
    path = archive(tmp_path, lambda file: file.writestr(moodle("Mallory", 2), "A" * 100_000))
    raw = bytearray(path.read_bytes())
    for field in (14, 22):  # checksum and size in the local header of the second entry
        at = raw.rindex(b"PK\x03\x04") + field
        raw[at : at + 4] = b"\1\0\0\0"
    central = raw.rindex(b"PK\x01\x02")
    raw[central + 24 : central + 28] = b"\1\0\0\0"
    path.write_bytes(raw)
    assert has_good(collected(path, course))


def test_no_zip_at_all(tmp_path, course):
    path = tmp_path / "class.zip"
    path.write_bytes(b"PK\x03\x04" + b"\0" * 100)
    with pytest.raises(CourseError):
        collect(path, UNIT, course)


def test_two_students_one_name(tmp_path, course):
    """Two files for one student: one item, and it is said."""
    path = archive(tmp_path, lambda file: file.writestr(moodle("Anna Meier", 2), GOOD.replace("1 + 1", "2 + 2")))
    result = collect(path, UNIT, course)
    assert len({item.student for item in result.items}) == len(result.items)

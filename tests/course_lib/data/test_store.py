"""Mirrors, the order of places, and `verify`."""

import hashlib
from pathlib import Path

import bad_server as serve
import pytest

from course_lib import data
from course_lib.data import store


@pytest.fixture
def folder(tmp_path, files) -> Path:
    """A folder mirror with all files of the set `box`."""
    root = tmp_path / "mirror folder"
    for name, content in files.items():
        (root / "box" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "box" / name).write_bytes(content)
    return root


def test_a_folder_mirror_is_read_in_place(tmp_path, registry, server, folder, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder))
    assert all(p.is_relative_to(folder) for p in data.load("box"))
    assert server.requests == []
    assert not (tmp_path / "cache").exists()


def test_a_read_only_mirror_and_cache_serve(registry, folder, monkeypatch, files):
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder))
    monkeypatch.setenv("COURSE_DATA_DIR", str(folder / "no" / "such"))
    assert len(data.load("box")) == len(files)


def test_the_cache_stands_before_the_mirror(tmp_path, registry, folder, monkeypatch):
    data.load("box", progress=False)
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder))
    assert all(p.is_relative_to(tmp_path / "cache") for p in data.load("box"))


def test_a_damaged_file_in_the_mirror_is_an_error_and_no_silent_download(registry, server, folder, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder))
    (folder / "box" / "a.bin").write_bytes(b"other")
    with pytest.raises(data.DataError, match=r"a\.bin in the mirror is damaged.*unset COURSE_DATA_MIRROR"):
        data.load("box")
    assert server.requests == []


def test_what_a_mirror_lacks_comes_from_the_public_address(registry, server, folder, monkeypatch, files):
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder))
    (folder / "box" / "a.bin").unlink()
    assert [p.read_bytes() for p in data.load("box", progress=False)] == list(files.values())
    assert server.requests == ["/pinned/a.bin"]


def test_a_mirror_that_is_nothing(registry, monkeypatch):
    monkeypatch.setenv("COURSE_DATA_MIRROR", "/no/such/folder")
    for job in (data.load, data.verify):
        with pytest.raises(data.DataError, match="neither a folder nor a URL"):
            job("box")


def test_a_url_mirror_is_asked_first(registry, server, monkeypatch, files):
    mirror = serve.Server(dict(files))
    try:
        monkeypatch.setenv("COURSE_DATA_MIRROR", mirror.url)
        assert [p.read_bytes() for p in data.load("box", progress=False)] == list(files.values())
        assert sorted(mirror.requests) == sorted(f"/pinned/box/{name}" for name in files)
        assert server.requests == []
    finally:
        mirror.close()


def test_a_url_mirror_without_the_file_and_one_with_a_bad_file(registry, server, monkeypatch, files):
    mirror = serve.Server(dict(files))
    try:
        monkeypatch.setenv("COURSE_DATA_MIRROR", mirror.url)
        mirror.behave["a.bin"] = serve.missing
        assert data.load("box", "a.bin", progress=False)[0].read_bytes() == files["a.bin"]
        assert server.requests == ["/pinned/a.bin"]
        mirror.behave["sub folder/it's.txt"] = serve.altered
        with pytest.raises(data.DataError, match="SHA-256 differs"):
            data.load("box", "*.txt", progress=False)
        assert server.requests == ["/pinned/a.bin"]
    finally:
        mirror.close()


def test_a_cache_can_be_handed_on_as_a_mirror(tmp_path, registry, server, monkeypatch):
    data.load("box", progress=False)
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "other"))
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "cache"))
    server.requests.clear()
    data.load("box")
    assert server.requests == []


def test_verify_counts_without_network(tmp_path, registry, server, folder, monkeypatch):
    data.load("box", "a.bin", progress=False)
    server.requests.clear()
    assert data.verify("box")["cache"] == ["a.bin"]
    assert len(data.verify("box")["absent"]) == 2
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(folder))
    (folder / "box" / "sub folder" / "it's.txt").write_bytes(b"")
    (tmp_path / "cache" / "box" / "a.bin").write_bytes(b"short")
    report = data.verify("box")
    assert report["damaged"] == ["a.bin", "sub folder/it's.txt"]
    assert report["mirror"] == ["sub folder/b, c (d).bin"]
    assert server.requests == []


def test_a_file_that_changes_is_hashed_again(tmp_path):
    path = tmp_path / "a"
    for content in (b"one", b"three"):
        path.write_bytes(content)
        assert store.sha256(path) == hashlib.sha256(content).hexdigest()

"""Servers that misbehave: each ends in a right file or in one clear line, and the cache never holds a bad file."""

import errno
import hashlib
import subprocess
import sys
from pathlib import Path

import bad_server as serve
import pytest

from course_lib import data
from course_lib.data import fetch, store

ODD = "sub folder/b, c (d).bin"


def cached(tmp_path: Path) -> dict[str, bytes]:
    """Everything in the cache, temporary files included."""
    root = tmp_path / "cache"
    return {str(p.relative_to(root / "box")): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_all_files_arrive_whole_and_only_once(tmp_path, registry, server, files, capsys):
    paths = data.load("box")
    assert [p.read_bytes() for p in paths] == list(files.values())
    assert cached(tmp_path) == files
    data.load("box")
    assert len(server.requests) == len(files)
    assert capsys.readouterr().err == ""  # a graded cell that writes to stderr scores 0


def test_progress_goes_to_stdout_and_can_be_turned_off(registry, capsys):
    data.load("box", "a.bin")
    out, err = capsys.readouterr()
    assert "fetching box" in out
    assert err == ""
    data.load("box", "*.txt", progress=False)
    assert capsys.readouterr() == ("", "")


def test_a_pattern_fetches_only_what_matches(tmp_path, registry, files):
    data.load("box", "*.txt")
    assert set(cached(tmp_path)) == {"sub folder/it's.txt"}


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (serve.truncated, "broke off|SHA-256"),
        (serve.truncated_politely, "SHA-256"),
        (serve.altered, "SHA-256"),
        (serve.missing, "404"),
        (serve.forbidden, "403"),
        (serve.silent, "too slow"),
        (serve.trickling, "too slow"),
    ],
)
def test_a_bad_answer_is_one_clear_line_and_no_file(tmp_path, registry, server, files, behaviour, message):
    server.behave[ODD] = behaviour
    with pytest.raises(data.DataError, match=message) as caught:
        data.load("box", progress=False)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith("box: ")
    assert "data.generate.box()" in text
    assert "COURSE_DATA_MIRROR" in text
    left = cached(tmp_path)
    assert ODD not in left
    assert all(files[name] == content for name, content in left.items())


@pytest.mark.parametrize("behaviour", [serve.flapping, serve.broken_once])
def test_a_passing_fault_is_tried_again(tmp_path, registry, server, files, behaviour):
    server.behave[ODD] = behaviour
    data.load("box", progress=False)
    assert cached(tmp_path) == files


@pytest.mark.parametrize(("behaviour", "requests"), [(serve.missing, 1), (serve.forbidden, 1), (serve.altered, 3)])
def test_only_passing_faults_are_tried_again(registry, server, behaviour, requests):
    server.behave["a.bin"] = behaviour
    with pytest.raises(data.DataError):
        data.load("box", "a.bin", progress=False)
    assert len(server.requests) == requests


def test_wrong_data_are_not_unavailable_data(registry, server):
    """What stands in for absent data must not hide altered data."""
    server.behave = {"a.bin": serve.altered, ODD: serve.missing}
    with pytest.raises(data.DataError) as caught:
        data.load("box", "a.bin", progress=False)
    assert not isinstance(caught.value, data.DataUnavailable)
    with pytest.raises(data.DataUnavailable):
        data.load("box", ODD.replace("(", "[(]"), progress=False)


def test_no_server_at_all(tmp_path, registry, server):
    server.close()
    with pytest.raises(data.DataUnavailable, match=r"no connection to 127\.0\.0\.1"):
        data.load("box", progress=False)
    assert cached(tmp_path) == {}


def test_offline_asks_no_server(registry, server, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    with pytest.raises(data.DataUnavailable, match=r"3 of 3 files .*COURSE_OFFLINE"):
        data.load("box")
    assert server.requests == []


def test_offline_a_filled_cache_is_enough(registry, server, monkeypatch, files):
    data.load("box", progress=False)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    assert [p.read_bytes() for p in data.load("box")] == list(files.values())


def test_a_damaged_file_in_the_cache_is_fetched_again(tmp_path, registry, server, files):
    path = data.load("box", "a.bin", progress=False)[0]
    path.write_bytes(b"x" + path.read_bytes()[1:])
    assert data.load("box", "a.bin", progress=False)[0].read_bytes() == files["a.bin"]
    assert len(server.requests) == 2


def test_the_checksum_is_computed_once_per_file(registry, monkeypatch):
    data.load("box", progress=False)
    store._seen.clear()
    count = []
    real = hashlib.file_digest
    monkeypatch.setattr(hashlib, "file_digest", lambda *a: count.append(1) or real(*a))
    for _ in range(3):
        data.load("box", progress=False)
    assert len(count) == 3  # three files


def test_two_processes_fetch_at_once(tmp_path, registry, server, files):
    def slowly(handler, content, _count):
        serve.send(handler, content, pause=0.002)

    server.behave = dict.fromkeys(files, slowly)
    command = [sys.executable, "-c", "from course_lib import data; print(len(data.load('box', progress=False)))"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    for process in running:
        out, err = process.communicate(timeout=120)
        assert (out.strip(), err, process.returncode) == ("3", "", 0)
    assert cached(tmp_path) == files


@pytest.mark.parametrize(
    ("error", "message"),
    [(OSError(errno.ENOSPC, "No space left on device"), "disk is full"), (PermissionError(13, "denied"), "denied")],
)
def test_a_full_disk_and_a_read_only_cache(tmp_path, registry, monkeypatch, error, message):
    def fail(*_):
        raise error

    monkeypatch.setattr(fetch, "_download", fail)
    with pytest.raises(data.DataError, match=message) as caught:
        data.load("box", progress=False)
    assert "COURSE_DATA_DIR" in str(caught.value)
    assert "data.generate.box()" in str(caught.value)
    assert cached(tmp_path) == {}


def test_a_cache_that_cannot_be_made(tmp_path, registry, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "file" / "cache"))
    with pytest.raises(data.DataError, match="COURSE_DATA_DIR"):
        data.load("box", progress=False)


def test_a_failure_does_not_wait_for_the_rest(registry, server, monkeypatch):
    """The first file that cannot be had ends the work: no further request starts afterwards."""
    monkeypatch.setattr(fetch, "PATIENCE", fetch.Patience(tries=1, parallel=1))
    server.behave = {"a.bin": serve.missing}
    with pytest.raises(data.DataError):
        data.load("box", progress=False)
    assert len(server.requests) <= 2

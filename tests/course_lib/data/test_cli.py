"""`course data`: tables on stdout, one line on stderr, exit status."""

import json

import bad_server
import pytest
from typer.testing import CliRunner

from course_lib import audio
from course_lib.data.cli import app


def run(*arguments: str):
    return CliRunner().invoke(app, list(arguments), env={"COLUMNS": "140"})


def assert_one_line_error(result, *words: str) -> None:
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("course data: ")
    for word in words:
        assert word in line


def test_list_shows_sets_and_what_is_here(registry):
    assert "none" in run("list").stdout
    assert run("fetch", "box", "--pattern", "a.bin").exit_code == 0
    out = run("list").stdout
    assert "box" in out
    assert "CC0" in out
    assert "1 files" in out


def test_fetch_and_verify(registry, tmp_path):
    result = run("fetch", "box")
    assert result.exit_code == 0
    assert "3 files verified" in result.stdout
    assert run("verify").exit_code == 0
    (tmp_path / "cache" / "box" / "a.bin").write_bytes(b"broken")
    result = run("verify", "box")
    assert "a.bin" in result.stdout
    assert_one_line_error(result, "1 damaged", "fetch")
    assert run("fetch", "box").exit_code == 0
    assert run("verify", "box").exit_code == 0


def test_errors_are_one_line(registry, server):
    assert_one_line_error(run("fetch", "nothing"), "nothing", "box")
    assert_one_line_error(run("verify", "nothing"), "nothing")
    assert_one_line_error(run("fetch", "box", "--pattern", "*.mp3"), "*.mp3")
    server.behave["a.bin"] = bad_server.altered
    assert_one_line_error(run("fetch", "box"), "SHA-256")
    assert_one_line_error(run("make", "box"), "no generated stand-in")


def test_offline_is_one_line(offline):
    assert_one_line_error(run("fetch", "spoken_digits"), "COURSE_OFFLINE", "data.generate.spoken_digits()")


def test_make_writes_digits_and_their_alignments(offline, tmp_path):
    result = run("make", "spoken_digits", "--out", str(tmp_path), "--takes", "1")
    assert result.exit_code == 0, result.stderr
    folder = tmp_path / "spoken_digits"
    files = sorted(folder.glob("*.wav"))
    assert len(files) == 60
    alignments = json.loads((folder / "alignments.json").read_text())
    assert set(alignments) == {f.name for f in files}
    assert audio.info(files[0]).duration == pytest.approx(alignments[files[0].name][-1][2], abs=1e-3)


def test_make_writes_chorales(offline, tmp_path):
    assert run("make", "jsb_chorales", "--out", str(tmp_path)).exit_code == 0
    pieces = json.loads((tmp_path / "jsb_chorales" / "chorales.json").read_text())
    assert {k: len(v) for k, v in pieces.items()} == {"train": 60, "valid": 20, "test": 20}


def test_make_where_nothing_can_be_written(offline, tmp_path):
    (tmp_path / "file").write_text("")
    assert_one_line_error(run("make", "spoken_digits", "--out", str(tmp_path / "file"), "--takes", "1"), "cannot write")

"""One secret per course, whoever asks first; its keys tell nothing of each other."""

import os
import stat
import subprocess
import sys

import pytest

from autograder.errors import CourseError
from autograder.evidence.secret import evidence_key, grading_seed, seed_key, seed_mark


def test_it_is_made_once_and_private(tmp_path):
    secret = grading_seed(tmp_path / "build")
    assert grading_seed(tmp_path / "build") == secret
    assert len(secret) == 64
    assert [p.name for p in (tmp_path / "build").iterdir()] == ["grading_seed"]
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "build/grading_seed").stat().st_mode) == 0o600


def test_twelve_processes_at_once_get_the_same_one(tmp_path):
    code = "import sys, pathlib; from autograder.evidence.secret import grading_seed; " \
           "sys.stdin.read(); print(grading_seed(pathlib.Path(sys.argv[1])))"
    command = [sys.executable, "-c", code, str(tmp_path / "build")]
    racers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(12)]
    for racer in racers:
        racer.stdin.close()
    said = {racer.stdout.read() for racer in racers}
    for racer in racers:
        racer.wait()
        racer.stdout.close()
    assert len(said) == 1
    assert len(said.pop().strip()) == 64


def test_an_existing_secret_stays(tmp_path):
    (tmp_path / "grading_seed").write_text("known\n")
    assert grading_seed(tmp_path) == "known"


def test_without_hard_links_it_works_too(tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(1, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    assert grading_seed(tmp_path) == grading_seed(tmp_path)


def test_an_empty_one_is_said(tmp_path):
    (tmp_path / "grading_seed").touch()
    with pytest.raises(CourseError, match="delete the file"):
        grading_seed(tmp_path)


def test_keys_differ_by_purpose_unit_and_student():
    keys = [evidence_key("a"), seed_key("a", "02_stft"), seed_key("a", "12_ctc"), seed_key("b", "02_stft")]
    marks = [seed_mark(key, student) for key in keys for student in ("anna", "bert")]
    assert len(set(keys)) == 4
    assert len(set(marks)) == 8

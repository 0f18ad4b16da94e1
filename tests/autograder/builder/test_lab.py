"""`course lab`: what is missing is built and copied, and nothing of a student is overwritten."""

import os
import subprocess
import sys

import nbformat
import pytest
from mini import GAIN

from autograder import lab
from autograder.build import read_notebook
from autograder.cli import main


def run(*arguments):
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    return caught.value.code


@pytest.fixture
def prepared(root):
    """Both units handed out; the student has edited the first."""
    assert run("lab", "--prepare") == 0
    mine = root / "work/01_gain/01_gain.ipynb"
    notebook = read_notebook(mine)
    notebook.cells[5].source = "def scale(x, gain_db):\n    return x"
    nbformat.write(notebook, mine)
    return mine


def test_missing_releases_are_built_and_copied(root, capsys):
    assert run("lab", "--prepare") == 0
    assert (root / "work/02_mean/02_mean.ipynb").read_bytes() == (root / "notebooks/02_mean/02_mean.ipynb").read_bytes()
    assert "work/01_gain/01_gain.ipynb is yours" in capsys.readouterr().out
    assert run("lab", "--prepare") == 0
    assert capsys.readouterr().out == ""


def test_a_broken_source_does_not_keep_the_others_from_opening(root, capsys):
    (root / "solutions/01_gain/01_gain.py").write_text("print(")
    assert run("lab", "--prepare") == 0
    assert "01_gain cannot be built" in capsys.readouterr().err
    assert (root / "work/02_mean/02_mean.ipynb").exists()


def test_a_newer_release_is_offered_beside_the_students_own(root, prepared, capsys, monkeypatch):
    mine = prepared.read_bytes()
    capsys.readouterr()
    assert run("lab", "--prepare") == 0
    assert capsys.readouterr().out == "", "an edited notebook of the same release is no news"
    (root / "solutions/01_gain/01_gain.py").write_text(GAIN.replace("np.ones(4)", "np.ones(5)"))
    assert run("build") == 0
    capsys.readouterr()
    assert run("lab", "--prepare") == 0
    beside = prepared.with_name("01_gain.new.ipynb")
    assert "course lab --new" in capsys.readouterr().out
    assert not beside.exists()

    monkeypatch.setattr(lab.sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(lab.typer, "confirm", lambda question: False)
    assert run("lab", "--prepare") == 0
    assert not beside.exists()
    monkeypatch.setattr(lab.typer, "confirm", lambda question: True)
    assert run("lab", "--prepare") == 0
    assert beside.read_bytes() == (root / "notebooks/01_gain/01_gain.ipynb").read_bytes()
    capsys.readouterr()
    assert run("lab", "--prepare") == 0
    assert capsys.readouterr().out == "", "it is there now"
    assert prepared.read_bytes() == mine


def test_a_damaged_notebook_of_a_student_is_left_alone(root, prepared):
    prepared.write_text("{")
    assert run("lab", "--prepare", "--new") == 0
    assert prepared.read_text() == "{"
    assert prepared.with_name("01_gain.new.ipynb").exists()


def test_jupyterlab_starts_in_the_checkout_with_the_arguments(root, monkeypatch):
    calls = []

    def call(command, cwd, env):
        calls.append((command, cwd, env))
        return subprocess.CompletedProcess(command, 7)

    monkeypatch.setattr(lab.subprocess, "run", call)
    assert run("lab", "--no-browser", "--port", "9999") == 7
    command, cwd, env = calls[0]
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert command[3:] == [f"--ServerApp.root_dir={root / 'work'}", "--no-browser", "--port", "9999"]
    assert cwd == root
    assert str(root) in env["PYTHONPATH"].split(os.pathsep)
    assert run("lab", "--teach") == 7
    assert calls[1][0][3] == f"--ServerApp.root_dir={root}"


def test_a_full_disk_leaves_no_half_notebook(root, monkeypatch, capsys):
    assert run("build") == 0

    def full(source, target):
        target.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(lab.shutil, "copyfile", full)
    assert run("lab", "--prepare") == 1
    assert "free some disk space" in capsys.readouterr().err
    assert [p for p in (root / "work").rglob("*") if p.is_file()] == []

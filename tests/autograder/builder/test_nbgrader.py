"""Stock nbgrader in the checkout: the same release as ours, full marks for the solution, none for the blank."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from autograder.build import read_notebook
from autograder.cli import main

REPOSITORY = Path(__file__).parents[3]
# The setup cell imports torch and the library; this test is about nbgrader, so empty modules will do (and save time).
MODULES = ("audio", "checks", "data", "device", "losses", "metrics", "models", "signal", "train")


@pytest.fixture
def checkout(root):
    """The small course with this checkout's nbgrader_config.py and empty modules for the library and torch."""
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    for name in MODULES:
        (root / "course_lib" / name).mkdir(parents=True)
        (root / "course_lib" / name / "__init__.py").touch()
    (root / "course_lib" / "__init__.py").touch()
    (root / "course_lib/checks/__init__.py").write_text(
        "import os\nimport numpy as np\n\n\ndef grading_rng():\n    return os.environ['COURSE_GRADING_SEED']\n")
    (root / "course_lib/ui.py").write_text("def setup():\n    pass\n")
    (root / "torch.py").write_text("class Tensor:\n    pass\n\n\nnn = None\n")
    with pytest.raises(SystemExit) as caught:
        main(["build"])
    assert caught.value.code == 0
    return root


def nbgrader(checkout, *arguments):
    paths = [str(checkout), *[path for path in sys.path if path]]
    env = {k: v for k, v in os.environ.items() if k != "COURSE_GRADING_SEED"} | {
        "PYTHONPATH": os.pathsep.join(paths), "JUPYTER_DATA_DIR": str(checkout / "jupyter"),
        "JUPYTER_PATH": str(Path(sys.prefix, "share", "jupyter")), "IPYTHONDIR": str(checkout / "ipython"),
    }
    done = subprocess.run([sys.executable, "-m", "nbgrader", *arguments], cwd=checkout, env=env, text=True,
                          capture_output=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def submit(checkout, student, notebook):
    path = checkout / "build/submitted" / student / "01_gain" / "01_gain.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def solved_by_a_student(checkout):
    """The release with the answers typed in."""
    release, solved = (read_notebook(checkout / d / "01_gain/01_gain.ipynb") for d in ("notebooks", "solutions"))
    answers = {cell.id: cell.source for cell in solved.cells}
    for cell in release.cells:
        if cell.metadata.get("nbgrader", {}).get("solution"):
            cell.source = answers[cell.id]
    return release


@pytest.mark.slow
def test_generate_autograde_validate_feedback(checkout, monkeypatch):
    from nbgrader.api import Gradebook

    ours = (checkout / "notebooks/01_gain/01_gain.ipynb").read_text()
    status, log = nbgrader(checkout, "generate_assignment", "01_gain", "--force")
    assert status == 0, log
    assert sorted(p.name for p in (checkout / "notebooks/01_gain").iterdir()) == ["01_gain.ipynb"]
    assert (checkout / "notebooks/01_gain/01_gain.ipynb").read_text().strip() == ours.strip()

    submit(checkout, "ann", solved_by_a_student(checkout))
    submit(checkout, "bob", read_notebook(checkout / "notebooks/01_gain/01_gain.ipynb"))
    status, log = nbgrader(checkout, "autograde", "01_gain")
    assert status != 0
    assert "Use `course grade UNIT`" in log
    monkeypatch.setenv("COURSE_STOCK_AUTOGRADE", "1")
    status, log = nbgrader(checkout, "autograde", "01_gain")
    assert status == 0, log
    with Gradebook(f"sqlite:///{checkout / 'build/gradebook.db'}", "deep_audio") as gradebook:
        scores = {}
        for student in ("ann", "bob"):
            submission = gradebook.find_submission_notebook("01_gain", "01_gain", student)
            scores[student] = {
                g.cell.name: (g.auto_score, g.max_score, g.needs_manual_grade) for g in submission.grades
            }
    assert scores["ann"] == {"test_scale": (2, 2, False), "explain_gain": (None, 2, True)}
    assert scores["bob"]["test_scale"] == (0, 2, False)
    assert scores["bob"]["explain_gain"] == (0, 2, False)

    status, log = nbgrader(checkout, "generate_feedback", "01_gain")
    assert status == 0, log
    assert (checkout / "build/feedback/ann/01_gain/01_gain.html").exists()

    status, log = nbgrader(checkout, "validate", "notebooks/01_gain/01_gain.ipynb")
    assert "VALIDATION FAILED ON 2 CELL" in log, "the test, and the explain question without an answer"
    assert "NotImplementedError" in log
    nbformat.write(solved_by_a_student(checkout), checkout / "mine.ipynb")
    status, log = nbgrader(checkout, "validate", "mine.ipynb")
    assert "Success! Your notebook passes all the tests." in log

    seed = checkout / "build/grading_seed"
    assert len(seed.read_text().strip()) == 64
    assert stat.S_IMODE(seed.stat().st_mode) == 0o600

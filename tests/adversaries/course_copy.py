"""A course folder of its own for runs of `course grade`: one unit, a class, and what a run leaves."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[2]
UNIT = "00_start"
LEVEL = """\
def rms_dbfs(x):
    with np.errstate(divide="ignore"):
        return 10 * np.log10(np.mean(np.square(x), axis=-1))  # {}
"""


class CourseCopy:
    """course.toml, one unit's source and the settings, in a folder of the test."""

    def __init__(self, root: Path):
        self.root = root
        for name in ("course.toml", "nbgrader_config.py"):
            root.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root)
        shutil.copytree(ROOT / "solutions" / UNIT, root / "solutions" / UNIT)
        (root / "build").mkdir()
        (root / "build" / "grading_seed").write_text("5eed" * 16 + "\n")
        self.class_folder = root / "class"
        self.class_folder.mkdir()

    def hand_in(self, student: str, work) -> None:
        """Put a notebook, a text or bytes into the class's folder."""
        data = work if isinstance(work, bytes) else (work if isinstance(work, str) else json.dumps(work)).encode(
            "utf-8", "surrogatepass")
        (self.class_folder / f"{student}.ipynb").write_bytes(data)

    def start(self, command: str, *options: str) -> subprocess.Popen:
        """`course COMMAND` in this folder."""
        env = dict(os.environ, PYTHONPATH=str(ROOT), COURSE_PROFILE="smoke", OMP_NUM_THREADS="1", MKL_NUM_THREADS="1")
        env.pop("COURSE_GRADING_SEED", None)
        log = open(self.root / "log.txt", "ab")  # noqa: SIM115 - the child's
        with log:
            return subprocess.Popen(
                [sys.executable, "-m", "autograder", command, UNIT, *options], cwd=self.root, env=env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )

    def grade(self, *options: str) -> subprocess.Popen:
        """`course grade` of the class."""
        return self.start("grade", "--submissions", str(self.class_folder), "--jobs", "2", *options)

    def done(self) -> int:
        """How many submissions have a result on disk."""
        return len(list((self.root / "build" / "grades" / UNIT).rglob("*.json")))

    def scores(self) -> dict[tuple[str, str], tuple]:
        """(student, grade_id) → (automatic points, points by hand, whether a person must look), from the database."""
        query = """SELECT s.id, c.name, g.auto_score, g.manual_score, g.needs_manual_grade FROM grade g
            JOIN base_cell c ON g.cell_id = c.id JOIN submitted_notebook n ON g.notebook_id = n.id
            JOIN submitted_assignment a ON n.assignment_id = a.id JOIN student s ON a.student_id = s.id"""
        with sqlite3.connect(self.root / "build" / "gradebook.db") as db:
            rows = db.execute(query).fetchall()
        found = {(student, cell): rest for student, cell, *rest in rows}
        assert len(found) == len(rows), "a grade is in the gradebook twice"
        return found

    def log(self) -> str:
        """The end of what the commands printed."""
        return (self.root / "log.txt").read_text(errors="replace")[-4000:]


def family(pid: int) -> list[psutil.Process]:
    """A process's descendants at this moment."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []

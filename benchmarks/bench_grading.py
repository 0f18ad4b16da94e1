"""Grading a class: `course grade` against stock `nbgrader autograde`: equal scores first, then time and memory.

    python benchmarks/bench_grading.py [--students 60] [--rounds 6] [--large 300] [--sandbox bwrap]

The class: right, wrong and blank answers to exercise 0.1; the set-up imports torch, the answers import librosa. The
lesson's own cells are left out, which favours stock nbgrader: it would run them for each student, `course grade` runs
only what an answer needs. nbgrader grades the class in one process, one batch per round; both graders then have the
same scores in their gradebooks, or the benchmark fails. In each round all sides take their turn, so that a busy
machine slows all of them; the ratio is the median over the rounds, of seconds per submission. Goals: at least 20 times
stock; the sandbox costs at most 10 %.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

import nbformat
from watched import timed

from autograder.audit.answers import read_answers
from autograder.audit.subject import AuditedUnit
from autograder.course import Course
from autograder.model.assignment import Assignment
from autograder.stock import StockCourse, with_answers
from course_lib import device
from course_lib.ui.tables import table_text

ROOT = Path(__file__).resolve().parent.parent
UNIT, EXERCISE, TEST = "00_start", "rms_dbfs", "test_rms_dbfs"
SETTING = 'title = "A class"\nsubtitle = "to grade"\nrepository = "https://example.org/class"\nbranch = "main"\n'


class ClassRoom:
    """A course folder of one unit, and the notebooks of a class."""

    def __init__(self, root: Path, students: int):
        self.root = root
        root.mkdir(parents=True)
        self._write_course()
        course = Course.load(root)
        self.assignment = Assignment.read(course, course.unit(UNIT))
        audited = AuditedUnit.read(Course.load(ROOT), Course.load(ROOT).unit(UNIT))
        answers = [a.code for a in read_answers(audited)] + [None]
        # One in three wrong or blank, as in a class of beginners; the rest in the words of the model solution.
        solution = next(c.source for c in self.assignment.solved.cells
                        if c.metadata.get("nbgrader", {}).get("grade_id") == EXERCISE)
        self.notebooks = {
            f"s{i:03d}": self._notebook(f"# student {i}\n{solution}" if i % 3 else answers[i // 3 % len(answers)])
            for i in range(students)
        }

    def _notebook(self, answer: str | None):
        filled = {} if answer is None else {EXERCISE: f"import librosa\n{answer}"}
        return with_answers(self.assignment.release, filled)

    def _write_course(self) -> None:
        """course.toml and the percent source with nothing but the exercises."""
        toml = (ROOT / "course.toml").read_text(encoding="utf-8")
        unit = re.search(r"\[units\.00_start\].*?(?=\n\[units)", toml, re.S).group(0)
        text = f'[course]\n{SETTING}\n[parts]\n0 = "Start"\n\n{unit}\n'
        (self.root / "course.toml").write_text(text, encoding="utf-8")
        source = (ROOT / "solutions" / UNIT / f"{UNIT}.py").read_text(encoding="utf-8")
        cells = ["# %%" + cell for cell in source.split("# %%")[1:]]
        kept = [cell for cell in cells if "nbgrader=" in cell.splitlines()[0] or "### Exercise 0.1" in cell]
        kept = [cell.replace("\ndef rms_dbfs", "\nimport librosa\n\n\ndef rms_dbfs") for cell in kept]
        folder = self.root / "solutions" / UNIT
        folder.mkdir(parents=True)
        (folder / f"{UNIT}.py").write_text("\n".join(kept), encoding="utf-8")
        shutil.copy(ROOT / "nbgrader_config.py", self.root)

    def hand_in(self, folder: Path, students: list[str]) -> Path:
        """Notebooks as files, STUDENT.ipynb."""
        folder.mkdir(parents=True, exist_ok=True)
        for student in students:
            nbformat.write(self.notebooks[student], folder / f"{student}.ipynb")
        return folder


def environment() -> dict[str, str]:
    """This process's, with this checkout importable and one thread for numbers."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return dict(os.environ, **threads, PYTHONPATH=str(ROOT), COURSE_PROFILE="smoke")


def ours(room: ClassRoom, students: list[str], sandbox: str, jobs: int | None, folder: Path):
    """`course grade` of a class from nothing: (seconds, bytes, scores by student)."""
    work = folder / "course"
    shutil.copytree(room.root, work)
    handed_in = room.hand_in(folder / "handed-in", students)
    command = [sys.executable, "-m", "autograder", "grade", UNIT, "--submissions", str(handed_in), "--sandbox", sandbox]
    command += ["--jobs", str(jobs)] if jobs else []
    seconds, peak, _ = timed(command, work, environment())
    return seconds, peak, gradebook_scores(work / "build" / "gradebook.db")


def stock(room: ClassRoom, students: list[str], folder: Path):
    """`nbgrader autograde` of a batch, all in one process: (seconds, bytes, scores by student)."""
    course = StockCourse(folder, roots=(ROOT,), threads=1, seed="a private seed")
    course.generate(UNIT, room.assignment.solved)
    for student in students:
        course.submit(student, UNIT, room.notebooks[student])
    env = environment() | {"JUPYTER_RUNTIME_DIR": str(folder / ".jupyter"), "IPYTHONDIR": str(folder / ".jupyter")}
    seconds, peak, _ = timed([sys.executable, "-m", "nbgrader", "autograde", UNIT], folder, env)
    return seconds, peak, {s: course.scores(UNIT, s)[TEST].score for s in students}


def gradebook_scores(file: Path) -> dict[str, float]:
    """Student → points of the exercise, from nbgrader's gradebook."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{file}", "deep_audio") as book:
        return {
            s.student.id: next(g.auto_score for n in s.notebooks for g in n.grades if g.name == TEST)
            for s in book.assignment_submissions(UNIT)
        }


def measure(options: argparse.Namespace) -> tuple[list[dict], str]:
    """The rows of the table, and a line on the agreement of the scores."""
    sides = {f"course grade, {options.sandbox}": (options.sandbox, None), "course grade, no sandbox": ("none", None),
             f"course grade, {options.sandbox}, one worker": (options.sandbox, 1)}
    taken: dict[str, list[float]] = {name: [] for name in ("nbgrader autograde", *sides)}
    peaks = dict.fromkeys(taken, 0)
    scores: dict[str, dict[str, float]] = {name: {} for name in taken}
    with tempfile.TemporaryDirectory(prefix="bench-grading-") as scratch:
        room = ClassRoom(Path(scratch, "room"), options.students)
        everybody = list(room.notebooks)
        for i in range(options.rounds):
            batch = everybody[i :: options.rounds]
            seconds, peak, got = stock(room, batch, Path(scratch, f"stock{i}"))
            note(taken, peaks, scores, "nbgrader autograde", seconds / len(batch), peak, got)
            for j, (name, (sandbox, jobs)) in enumerate(list(sides.items())[:: 1 if i % 2 else -1]):
                seconds, peak, got = ours(room, everybody, sandbox, jobs, Path(scratch, f"ours{i}-{j}"))
                note(taken, peaks, scores, name, seconds / len(everybody), peak, got)
        growth = grow(options, Path(scratch))
    return rows_of(taken, peaks, options) + growth, agreement(scores)


def note(taken: dict, peaks: dict, scores: dict, name: str, seconds: float, peak: int, got: dict) -> None:
    """Write one run down."""
    print(f"{name:32} {seconds:7.3f} s per submission, {peak / 2**30:.2f} GiB", file=sys.stderr, flush=True)
    taken[name].append(seconds)
    peaks[name] = max(peaks[name], peak)
    scores[name].update(got)


def rows_of(taken: dict, peaks: dict, options: argparse.Namespace) -> list[dict]:
    """One row per grader; ratios are medians over the rounds."""
    def ratio(above: str, below: str) -> float:
        return statistics.median(a / b for a, b in zip(taken[above], taken[below], strict=True))

    bare = "course grade, no sandbox"
    return [
        {"what": f"{name}, {options.students} submissions", "per submission (s)": statistics.median(seconds),
         "times stock": ratio("nbgrader autograde", name), "against no sandbox": ratio(name, bare),
         "peak memory (GiB)": peaks[name] / 2**30}
        for name, seconds in taken.items()
    ]


def grow(options: argparse.Namespace, scratch: Path) -> list[dict]:
    """A class of half the size and a large one, in the sandbox, once each."""
    rows = []
    for students in (options.students // 2, options.large):
        room = ClassRoom(scratch / f"room{students}", students)
        seconds, peak, _ = ours(room, list(room.notebooks), options.sandbox, None, scratch / f"growth{students}")
        rows.append({"what": f"course grade, {options.sandbox}, {students} submissions",
                     "per submission (s)": seconds / students, "times stock": None, "against no sandbox": None,
                     "peak memory (GiB)": peak / 2**30})
    return rows


def agreement(scores: dict[str, dict[str, float]]) -> str:
    """A sentence.

    Raises:
        SystemExit: two graders disagree.
    """
    wanted = scores["nbgrader autograde"]
    for name, got in scores.items():
        differ = {s: (wanted[s], got.get(s)) for s in wanted if wanted[s] != got.get(s)}
        if differ:
            raise SystemExit(f"{name} and nbgrader disagree (theirs, ours): {json.dumps(differ)}")
    return f"All graders gave the same scores: {sum(wanted.values()):g} of {len(wanted)} points."


def main() -> None:
    """Print the table."""
    import nbgrader

    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--students", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=6, help="stock nbgrader grades one part of the class in each")
    parser.add_argument("--large", type=int, default=300, help="the large class")
    parser.add_argument("--sandbox", default="bwrap", help="bwrap, docker or podman")
    rows, agreed = measure(parser.parse_args())
    print(table_text(rows, title=f"course grade against nbgrader {nbgrader.__version__}, whole commands",
                     caption=f"{agreed}\n{device.report()}"))


if __name__ == "__main__":
    main()

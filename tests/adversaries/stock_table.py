"""Which of these attacks beat stock nbgrader: run the harmless ones through `nbgrader autograde`, print a table.

    python tests/adversaries/stock_table.py [NAME ...]

Each runs unprotected, as stock nbgrader does it: only cases marked `stock=True`, which harm nothing outside the course
folder that this script makes and removes. Some 10 seconds a case.
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from roster import CASES, Case, Kit

from autograder.course import Course
from autograder.model.assignment import Assignment
from autograder.model.examination import PASSED
from autograder.stock import StockCourse

ROOT = Path(__file__).resolve().parents[2]


def verdict(kit: Kit, scores: dict, grade_id: str) -> str:
    """The gradebook's points for one exercise, as "1/1"."""
    exercise = next(e for e in kit.assignment.exercises if e.grade_id == grade_id)
    names = [grade_id] if exercise.manual else [c.metadata.nbgrader.grade_id for c in exercise.tests]
    if not all(name in scores and scores[name].score is not None for name in names):
        return "no score"
    return f"{sum(scores[name].score for name in names):g}/{exercise.points:g}"


def run(stock: StockCourse, kit: Kit, case: Case) -> str:
    """Submit, autograde, read the gradebook."""
    work = case.make(kit)
    path = stock.submit(case.name, case.unit, work)
    for name, text in case.beside.items():
        (path.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (path.parent / name).write_text(text, encoding="utf-8")
    done = stock.autograde(case.unit, case.name, timeout=180)
    points = verdict(kit, stock.scores(case.unit, case.name), next(iter(case.expect)))
    return f"{points}, {done.seconds:.0f} s" + (", timed out" if done.timed_out else "")


def main(names: list[str]) -> None:
    """Print one row per case."""
    import nbgrader

    course = Course.load(ROOT)
    chosen = [CASES[name] for name in names] if names else [case for case in CASES.values() if case.stock]
    print(f"nbgrader {nbgrader.__version__}\n\n| case | what it does | a right grade | nbgrader gives |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="adversaries-") as folder:
        courses: dict[str, tuple[StockCourse, Kit]] = {}
        for case in chosen:
            if case.unit not in courses:
                kit = Kit(Assignment.read(course, course.unit(case.unit)))
                stock = StockCourse(Path(folder, case.unit), roots=(ROOT,), seed="a private seed")
                stock.generate(case.unit, nbformat.from_dict(kit.assignment.solved))
                courses[case.unit] = stock, kit
            stock, kit = courses[case.unit]
            right = "full" if next(iter(case.expect.values())) == (PASSED,) else "0"
            print(f"| `{case.name}` | {case.story} | {right} | {run(stock, kit, case)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

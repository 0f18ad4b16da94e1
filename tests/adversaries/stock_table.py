"""Which of these attacks beat stock nbgrader: run the harmless ones through `nbgrader autograde`, print a table.

    python tests/adversaries/stock_table.py [NAME ...]

Each runs unprotected, as stock nbgrader does it: only cases that harm nothing outside the course folder which this
script makes and removes. The lesson's own code cells are left out to save time. Some 8 seconds a case.
"""

import sys
import tempfile
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from roster import CASES, Case, Kit

from autograder.course import Course
from autograder.model.assignment import LESSON, Assignment, kind_of
from autograder.model.examination import PASSED
from autograder.stock import StockCourse

ROOT = Path(__file__).resolve().parents[2]
SPOILERS = {"gradebook_beside"}
"""These get a course of their own: all who are graded after them would have full marks too."""
HARMLESS = [
    "equal_to_everything", "array_subclass", "finalize_writes", "float_subclass", "a_subject_itself",
    "shadows_the_checks", "shadows_the_rng", "nan_everywhere", "torch_function", "builtins_abs", "numpy_testing",
    "torch_allclose", "check_replaced", "compare_replaced", "course_lib_monkeypatched", "failure_never_raised",
    "copy_replaced", "subject_replaced", "rng_replaced", "run_cell_does_nothing", "input_transformer",
    "ast_transformer", "cell_hooks", "forged_result", "modules_poisoned", "trace_function", "ends_quietly",
    "exits_as_a_thread_of_exit", "frames", "garbage_collector", "solution_in_the_course_folder",
    "seed_from_environment", "gradebook_beside", "visible_outputs", "right_at_first", "input_overwritten",
    "oracle_of_the_check", "os_exit_in_the_call", "skip_execution", "test_edited", "test_deleted",
    "test_turned_to_prose", "points_raised", "id_of_the_test", "setup_replaced", "two_answers", "shipped_jaxtyping",
    "warns", "prints", "progress_bar", "from_colab", "from_vscode", "metadata_stripped", "tests_deleted",
    "duplicated", "helper_below", "prose_in_code",
]


def verdict(kit: Kit, scores: dict, grade_id: str) -> str:
    """The gradebook's points for one exercise, as "1/1"."""
    exercise = next(e for e in kit.assignment.exercises if e.grade_id == grade_id)
    names = [grade_id] if exercise.manual else [c.metadata.nbgrader.grade_id for c in exercise.tests]
    if not all(name in scores and scores[name].score is not None for name in names):
        return "no score"
    return f"{sum(scores[name].score for name in names):g}/{exercise.points:g}"


def attacked(kit: Kit, case: Case) -> str:
    """The first exercise of code that the case says something about, else the unit's first."""
    coded = [e.grade_id for e in kit.assignment.coded]
    return next((name for name in case.expect if name in coded), coded[0])


def without_lesson(assignment: Assignment) -> Assignment:
    """The unit without the code cells of its lesson."""
    keep = [[c for c in notebook.cells if c.cell_type == "markdown" or kind_of(c) != LESSON]
            for notebook in (assignment.solved, assignment.release)]
    solved, release = (NotebookNode(n | {"cells": c}) for n, c in
                       zip((assignment.solved, assignment.release), keep, strict=True))
    return Assignment(assignment.name, solved, release)


def run(stock: StockCourse, kit: Kit, case: Case) -> str:
    """Submit, autograde, read the gradebook."""
    work = case.make(kit)
    path = stock.submit(case.name, case.unit, work)
    for name, text in case.beside.items():
        (path.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (path.parent / name).write_text(text, encoding="utf-8")
    done = stock.autograde(case.unit, case.name, timeout=180)
    points = verdict(kit, stock.scores(case.unit, case.name), attacked(kit, case))
    return f"{points}, {done.seconds:.0f} s" + (", timed out" if done.timed_out else "")


def main(names: list[str]) -> None:
    """Print one row per case."""
    import nbgrader

    course = Course.load(ROOT)
    chosen = [CASES[name] for name in names or HARMLESS]
    print(f"nbgrader {nbgrader.__version__}\n")
    print("| case | what it does | a right grade | nbgrader gives |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="adversaries-") as folder:
        courses: dict[str, tuple[StockCourse, Kit]] = {}
        for case in chosen:
            place = case.name if case.name in SPOILERS else case.unit
            if place not in courses:
                kit = Kit(without_lesson(Assignment.read(course, course.unit(case.unit))))
                stock = StockCourse(Path(folder, place), roots=(ROOT,), seed="a private seed")
                stock.generate(case.unit, nbformat.from_dict(kit.assignment.solved))
                courses[place] = stock, kit
            stock, kit = courses[place]
            right = "full" if case.expect.get(attacked(kit, case), (PASSED,)) == (PASSED,) else "0"
            print(f"| `{case.name}` | {case.story} | {right} | {run(stock, kit, case)} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

"""A small class: right, wrong, damaged, empty and dishonest work of one unit, and what a fair grader gives each."""

import copy
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

from autograder.audit.answers import NamedAnswer, read_answers
from autograder.audit.subject import AuditedUnit
from autograder.stock import solved_answers, with_answers

ALL, SOME, NONE = "all points", "some points", "no points"
EQUALS_EVERYTHING = '''\
class Yes:
    """Equal to everything, close to everything, as long as anything."""

    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __lt__(self, other): return True
    def __abs__(self): return 0.0
    def __sub__(self, other): return self
    def __array__(self, *args, **kwargs): raise KeyboardInterrupt


def {name}(*args, **kwargs):
    return Yes()
'''
NO_COMPARISON = """\
import builtins, numpy
builtins.abs = lambda x: 0.0
numpy.allclose = lambda *args, **kwargs: True
numpy.testing.assert_allclose = lambda *args, **kwargs: None

def {name}(*args, **kwargs):
    return 0.0
"""


@dataclass(frozen=True)
class Student:
    """One member of the class.

    Args:
        student: the name, without spaces.
        about: what is special about the work.
        notebook: the file handed in; text where it is damaged.
        deserves: ALL, SOME (less than all) or NONE of the points that the computer gives.
    """

    student: str
    about: str
    notebook: NotebookNode | str
    deserves: str


def small_class(audited: AuditedUnit, release: NotebookNode) -> Iterator[Student]:
    """Students made from the release and the unit's named answers."""
    import nbformat

    solution = solved_answers(audited.solved)
    answers = read_answers(audited)
    complete = with_answers(release, solution)
    yield Student("right", "the model solution", complete, ALL)
    others = _one_each(answers, right=True)
    if others:
        notebook = with_answers(release, solution | {a.grade_id: a.code for a in others})
        yield Student("right_otherwise", "right answers written another way", notebook, ALL)
    wrong = _one_each(answers, right=False)
    if wrong:
        once = next(answer for answer in reversed(answers) if not answer.right)
        notebook = with_answers(release, solution | {once.grade_id: once.code})
        yield Student("wrong_once", f"one mistake in {once.grade_id}: {once.title}", notebook, SOME)
        notebook = with_answers(release, solution | {a.grade_id: a.code for a in wrong})
        yield Student("wrong_everywhere", "a mistake in every exercise", notebook, NONE)
    yield from _damaged(audited, complete, nbformat.writes(complete))
    first = audited.coded[0].grade_id
    for name, about, code in (
        ("cheat_equal", f"{first} returns an object that equals everything", EQUALS_EVERYTHING),
        ("cheat_patch", f"{first} replaces abs and numpy's comparisons", NO_COMPARISON),
    ):
        notebook = with_answers(release, solution | {first: code.format(name=first)})
        yield Student(name, about, notebook, SOME)
    yield Student("empty", "the blank release", release, NONE)


def _damaged(audited: AuditedUnit, complete: NotebookNode, text: str) -> Iterator[Student]:
    yield Student("damaged_file", "the upload broke off in the middle", text[: len(text) // 2], SOME)
    stripped = copy.deepcopy(complete)
    for cell in stripped.cells:
        cell.metadata = NotebookNode()
    yield Student("damaged_metadata", "saved by a program that drops all cell metadata", stripped, ALL)
    first = audited.coded[0].tests[0].metadata.nbgrader.grade_id
    deleted = copy.deepcopy(complete)
    deleted.cells = [c for c in deleted.cells if c.metadata.get("nbgrader", {}).get("grade_id") != first]
    yield Student("damaged_cells", f"the graded cell {first} was deleted", deleted, ALL)


def as_download(students: list[Student], unit: str) -> bytes:
    """The class as a zip file, as Moodle names what it holds."""
    import nbformat

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, one in enumerate(students, 1):
            text = one.notebook if isinstance(one.notebook, str) else nbformat.writes(one.notebook)
            archive.writestr(f"{one.student}_{4700 + number}_assignsubmission_file_/{unit}.ipynb", text)
    return buffer.getvalue()


def fair(one: Student, score: float, most: float) -> bool:
    """Whether the score is what the work deserves."""
    return {ALL: score == most, SOME: 0 < score < most, NONE: score == 0}[one.deserves]


def _one_each(answers: list[NamedAnswer], *, right: bool) -> list[NamedAnswer]:
    """The first right (or wrong) answer of every exercise."""
    return list({a.grade_id: a for a in reversed(answers) if a.right is right}.values())[::-1]

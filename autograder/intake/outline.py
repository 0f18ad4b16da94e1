"""The release as intake needs it: its cells in order, and for each exercise what makes its answer known."""

import ast
from dataclasses import dataclass, field
from functools import cached_property

from autograder.intake.names import names_of, parse
from autograder.intake.text import normal
from autograder.model.assignment import ANSWER, LESSON, Assignment, grade_id_of, kind_of

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Slot:
    """A cell of the release and its place in it."""

    at: int
    role: str
    kind: str
    source: str
    grade_id: str | None
    id: str | None

    @cached_property
    def normal(self) -> str:
        """The text without regard to layout."""
        return normal(self.source)


@dataclass(frozen=True)
class Task:
    """What a student has to write: the answer cell of one exercise.

    Args:
        grade_id: of the answer cell.
        slot: the answer cell in the release; its source is the stub.
        tests: the cells that grade it.
        names: the functions and classes that the stub asks for: the marker of this exercise in any text.
        values: other names that it asks for.
    """

    grade_id: str
    slot: Slot
    tests: tuple[Slot, ...]
    names: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()

    @property
    def manual(self) -> bool:
        """A question in words."""
        return self.slot.kind == "markdown"

    def unwritten(self, source: str) -> bool:
        """Whether `source` is the stub, or no more than a stub of another release was."""
        if not normal(source) or normal(source) == self.slot.normal:
            return True
        if self.manual:
            return False
        tree = parse(source)
        return tree is not None and all(_is_blank(node) for node in tree.body)


@dataclass(frozen=True)
class Outline:
    """The release of one assignment."""

    slots: tuple[Slot, ...]
    tasks: dict[str, Task]
    setup_names: frozenset[str]
    by_grade_id: dict[str, Slot] = field(default_factory=dict)
    by_id: dict[str, Slot] = field(default_factory=dict)
    by_text: dict[tuple[str, str], Slot] = field(default_factory=dict)
    prose: frozenset[str] = frozenset()


_KNOWN: dict[str, Outline] = {}


def outline(assignment: Assignment) -> Outline:
    """The outline of an assignment; made once."""
    if assignment.digest not in _KNOWN:
        _KNOWN[assignment.digest] = _make(assignment)
    return _KNOWN[assignment.digest]


def _make(assignment: Assignment) -> Outline:
    slots = tuple(
        Slot(at, kind_of(cell), cell.cell_type, cell.source, grade_id_of(cell), cell.get("id"))
        for at, cell in enumerate(assignment.release.cells)
    )
    by_grade_id = {slot.grade_id: slot for slot in slots if slot.grade_id}
    tasks = {}
    for exercise in assignment.exercises:
        slot = by_grade_id[exercise.grade_id]
        tests = tuple(by_grade_id[grade_id_of(cell)] for cell in exercise.tests)
        tasks[exercise.grade_id] = Task(exercise.grade_id, slot, tests, *_markers(slot, exercise, tests))
    # Answer cells may share one text ("YOUR ANSWER HERE"), so a text never points at one.
    texts: dict[tuple[str, str], Slot] = {}
    for slot in slots:
        if slot.role != ANSWER and slot.normal:
            texts.setdefault((slot.kind, slot.normal), slot)
    return Outline(slots, tasks, names_of(assignment.setup).binds, by_grade_id,
                   {slot.id: slot for slot in slots if slot.id}, texts, _prose(slots))


def _prose(slots: tuple[Slot, ...]) -> frozenset[str]:
    """The lines of all lessons in words that are long enough to be nobody else's."""
    lessons = [slot.normal for slot in slots if slot.role == LESSON and slot.kind != "code"]
    return frozenset(line for text in lessons for line in text.split("\n") if len(line) > 20)


def _markers(slot: Slot, exercise, tests: tuple[Slot, ...]) -> tuple[frozenset[str], frozenset[str]]:
    """Names that the answer must bind: those of the stub and the solution that a graded cell reads."""
    if slot.kind != "code":
        return frozenset(), frozenset()
    stub, solution = names_of(slot.source), names_of(exercise.solution.source)
    read = frozenset().union(*(names_of(test.source).uses for test in [*tests, *exercise.tests]))
    defines = stub.defines | solution.defines
    names = (defines & read) or stub.defines
    return names, ((stub.binds | solution.binds) & read) - names


def _is_blank(node: ast.stmt) -> bool:
    """A statement that any stub may hold: an import, a text, `...`, or a definition whose bodies only raise."""
    if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
        return True
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    if isinstance(node, FUNCTIONS):
        return all(_is_blank(inner) or _raises(inner) for inner in node.body)
    if isinstance(node, ast.ClassDef):
        return all(_is_blank(inner) or isinstance(inner, ast.AnnAssign) for inner in node.body)
    return _raises(node)


def _raises(node: ast.stmt) -> bool:
    """`raise NotImplementedError()`, or the call of super().__init__() that a class stub begins with."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ast.unparse(node.value) == "super().__init__()"
    if not isinstance(node, ast.Raise) or node.exc is None:
        return False
    raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"

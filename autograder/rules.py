"""What a percent source must obey: every fault with its line and what to do."""

import ast
import re
from collections import Counter
from pathlib import Path

from nbformat import NotebookNode

from autograder.course import Unit
from autograder.errors import CourseError, closest, raise_all

SOLUTION, HIDDEN, SCHEME = "SOLUTION", "HIDDEN TESTS", "MARK SCHEME"
REGIONS = (SOLUTION, HIDDEN, SCHEME)
GRADE_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")
KNOWN_KEYS = ("grade_id", "solution", "points")
RESERVED_IDS = ("setup",)
TYPED_BY_HAND = (
    (re.compile(r"^# \S", re.M), "markdown", "the title and header are generated from course.toml",
     "delete this heading, or begin it with ##"),
    (re.compile(r"colab-badge|colab\.research\.google\.com/github"), "markdown", "the Colab badge is generated",
     "delete it"),
    (re.compile(r"^ui\.setup\(|^from course_lib\.checks import grading_rng|google\.colab", re.M), "code",
     "the setup cell is generated", "delete these lines"),
)


def check_source(cells: list[NotebookNode], unit: Unit) -> None:
    """Raise one CourseError per fault of the author's cells (short nbgrader metadata, `metadata.course.line`)."""
    errors: list[CourseError] = []
    for cell in cells:
        checker = _Cell(cell, unit.source)
        checker.check()
        errors += checker.errors
    errors += _order(cells, unit) + _duplicates(cells, unit.source)
    if not errors:
        errors += _budget(cells, unit)
    raise_all(sorted(errors, key=lambda error: error.line or 0))


def is_solution(cell: NotebookNode) -> bool:
    """An answer cell: code, or the text of an explain question."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    """A graded test cell."""
    return "nbgrader" in cell.metadata and not is_solution(cell) and cell.cell_type == "code"


def regions(source: str, name: str) -> list[tuple[int, int]]:
    """Line indices of the BEGIN and END markers of each region called `name`.

    Raises:
        ValueError: nested or without an end, with the index of the line as second argument.
    """
    found, begin = [], None
    for index, line in enumerate(source.split("\n")):
        if f"BEGIN {name}" in line:
            if begin is not None:
                raise ValueError(f"BEGIN {name} inside BEGIN {name}", index)
            begin = index
        elif f"END {name}" in line:
            if begin is None:
                raise ValueError(f"END {name} without BEGIN {name}", index)
            found.append((begin, index))
            begin = None
    if begin is not None:
        raise ValueError(f"BEGIN {name} without END {name}", begin)
    return found


class _Cell:
    """The rules that concern one cell."""

    def __init__(self, cell: NotebookNode, file: Path):
        self.cell, self.file, self.line = cell, file, cell.metadata.course.line
        self.nbgrader = cell.metadata.get("nbgrader")
        self.errors: list[CourseError] = []
        self.regions: dict[str, list[tuple[int, int]]] = {}

    def fault(self, message: str, mend: str, index: int = -1) -> None:
        """`index` counts the lines of the cell; -1 is its marker."""
        self.errors.append(CourseError(message, self.file, self.line + 1 + index, mend))

    def check(self) -> None:
        for pattern, kind, message, mend in TYPED_BY_HAND:
            hit = pattern.search(self.cell.source) if self.cell.cell_type == kind else None
            if hit:
                self.fault(message, mend, self.cell.source[: hit.start()].count("\n"))
        for name in REGIONS:
            try:
                self.regions[name] = regions(self.cell.source, name)
            except ValueError as error:
                self.fault(error.args[0], f"write one pair ### BEGIN {name} … ### END {name} per region", error.args[1])
                self.regions[name] = []
        self.check_regions()
        if self.nbgrader is not None:
            self.check_metadata()
        if self.cell.cell_type == "code":
            self.check_syntax()

    def check_regions(self) -> None:
        if self.errors:
            return
        explain = is_solution(self.cell) and self.cell.cell_type == "markdown"
        homes = {
            SOLUTION: (is_solution(self.cell), 'a solution cell: nbgrader={"grade_id": "name", "solution": true}'),
            HIDDEN: (is_test(self.cell), 'a graded cell: nbgrader={"grade_id": "test_name", "points": 2}'),
            SCHEME: (explain, 'an explain cell: [markdown] nbgrader={…, "solution": true, "points": 2}'),
        }
        for name, (home, where) in homes.items():
            if self.regions[name] and not home:
                kind = where.split(":")[0]
                self.fault(f"BEGIN {name} outside {kind}", f"put it in {where}", self.regions[name][0][0])
        if is_solution(self.cell) and not self.regions[SOLUTION]:
            lost = "the question itself would be lost" if explain else "nothing marks what students must write"
            self.fault(f"solution cell without BEGIN SOLUTION: {lost}",
                       "put ### BEGIN SOLUTION … ### END SOLUTION around the model answer")
        if explain and not self.regions[SCHEME]:
            self.fault("explain question without a mark scheme",
                       "add === BEGIN MARK SCHEME === … === END MARK SCHEME ===")
        for name in REGIONS:
            lines = self.cell.source.split("\n")
            for begin, end in self.regions[name]:
                if not "".join(lines[begin + 1 : end]).strip():
                    self.fault(f"nothing between BEGIN and END {name}", "fill it, or delete both markers", begin)

    def check_metadata(self) -> None:
        name = self.nbgrader.get("grade_id")
        if not isinstance(name, str) or not GRADE_ID.fullmatch(name):
            self.fault(f"grade_id is {name!r}" if name else "nbgrader metadata without grade_id",
                       "a letter, then at most 63 letters, digits, - or _")
        elif name in RESERVED_IDS:
            self.fault(f"grade_id {name!r} belongs to a generated cell", "choose another")
        for key in self.nbgrader.keys() - set(KNOWN_KEYS):
            self.fault(f"unknown nbgrader metadata {key!r}", closest(key, KNOWN_KEYS))
        points = self.nbgrader.get("points")
        graded = not is_solution(self.cell) or self.cell.cell_type == "markdown"
        if not graded and points is not None:
            self.fault(f"the answer cell {name!r} has points", "give them to its test cell")
        if graded and (isinstance(points, bool) or not isinstance(points, (int, float)) or points <= 0):
            kind = "explain question" if is_solution(self.cell) else "test cell"
            self.fault(f"{kind} {name!r} has " + ("no points" if points is None else f"points {points!r}"),
                       'add "points": a number above 0')
        if self.cell.cell_type == "markdown" and not is_solution(self.cell):
            self.fault(f"the text cell {name!r} is graded but is no answer",
                       'add "solution": true, or drop nbgrader={…}')

    def check_syntax(self) -> None:
        from IPython.core.inputtransformer2 import TransformerManager

        try:
            ast.parse(TransformerManager().transform_cell(self.cell.source))
        except SyntaxError as error:
            self.fault(f"not Python: {error.msg}", "mend the code", (error.lineno or 1) - 1)


def _order(cells: list[NotebookNode], unit: Unit) -> list[CourseError]:
    """Every test cell has an answer above it, every answer a test below it."""
    errors, answer, tested = [], None, True

    def untested(cell: NotebookNode) -> CourseError:
        return CourseError(f"the answer cell {cell.metadata.nbgrader.get('grade_id')!r} has no test cell below it",
                           unit.source, cell.metadata.course.line, "add a graded cell before the next answer cell")

    for cell in cells:
        if is_solution(cell) and cell.cell_type == "code":
            if not tested:
                errors.append(untested(answer))
            answer, tested = cell, False
        elif is_test(cell):
            if answer is None:
                name = cell.metadata.nbgrader.get("grade_id")
                errors.append(CourseError(f"test cell {name!r} has no answer cell above it", unit.source,
                                          cell.metadata.course.line, "put it below the cell it grades"))
            tested = True
    if not tested:
        errors.append(untested(answer))
    return errors


def _duplicates(cells: list[NotebookNode], file: Path) -> list[CourseError]:
    named = [(c.metadata.nbgrader.get("grade_id"), c.metadata.course.line) for c in cells if "nbgrader" in c.metadata]
    counts = Counter(name for name, _ in named)
    first = dict(reversed(named))
    return [
        CourseError(f"grade_id {name!r} is used twice, first in line {first[name]}", file, line, "rename one of them")
        for name, line in named if counts[name] > 1 and line != first[name] and name
    ]


def _budget(cells: list[NotebookNode], unit: Unit) -> list[CourseError]:
    total = sum(cell.metadata.nbgrader.get("points", 0) for cell in cells if "nbgrader" in cell.metadata)
    if total == unit.points:
        return []
    message = f"the points add up to {total:g}, course.toml gives {unit.name} {unit.points:g}"
    mend = f"change the cells, or points = {total:g} below [units.{unit.name}]"
    return [CourseError(message, unit.source, None, mend)]

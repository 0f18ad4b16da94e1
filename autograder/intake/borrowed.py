"""Answers that lean on the inside of the course's own checks: right values, but a person should see them."""

import ast
from collections.abc import Iterable

from autograder.model.submission import Repair, Step

CHECKS = "checks"
PACKAGE = f"course_lib.{CHECKS}"
INSIDE = ("oracle", "oracles", "mistakes", "core")
SAID = "{} uses parts of the course's checks that are not meant for answers: a person will look at it."


def borrowed(steps: Iterable[Step]) -> list[Repair]:
    """A doubtful note for each answer that reaches into `course_lib.checks`; cells without a grade_id count as one.

    Calling a check (`checks.stft.stft(stft)`) is what students are meant to do. What only shows when the cell runs is
    not seen.
    """
    found = dict.fromkeys(s.grade_id for s in steps if s.needed and s.kind != "lesson" and reaches_inside(s.source))
    return [Repair(SAID.format(f"The answer of `{g}`" if g else "A cell of your own"), g, True) for g in found]


def reaches_inside(source: str) -> bool:
    """Whether a cell names the inside of the checks: a private name, an oracle, an import of one of their modules."""
    if CHECKS not in source:
        return False
    try:
        tree = ast.parse(source)
        return any(map(_reaches, ast.walk(tree)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # it will not run either
        return False


def _reaches(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return (node.attr.startswith("_") or node.attr in INSIDE) and _below_checks(node.value)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "").startswith(PACKAGE) and node.module != PACKAGE
    if isinstance(node, ast.Import):
        return any(alias.name.startswith(PACKAGE + ".") for alias in node.names)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and f"{CHECKS}." in node.value


def _below_checks(node: ast.expr) -> bool:
    """Whether an expression is `checks`, or `checks.a.b`, or ends in `.checks`."""
    while isinstance(node, ast.Attribute):
        if node.attr == CHECKS:
            return True
        node = node.value
    return isinstance(node, ast.Name) and node.id == CHECKS

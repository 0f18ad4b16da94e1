"""What the warm process should import before it is forked, so that no session has to."""

import ast
import importlib.util

from autograder.model.assignment import Assignment

ALWAYS = ("autograder.remote.server", "course_lib.checks.core")


def modules_to_preload(assignment: Assignment) -> tuple[str, ...]:
    """Modules that the cells of the solved notebook import, sorted, as far as they are installed."""
    found = set(ALWAYS)
    for cell in assignment.solved.cells:
        if cell.cell_type == "code":
            found |= _imported(cell.source)
    return tuple(sorted(found))


def _imported(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a magic
        return set()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return {name for name in found if importlib.util.find_spec(name.split(".")[0]) is not None}

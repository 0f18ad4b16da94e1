"""Which names a cell binds and uses, read from its syntax tree: nothing is run."""

import ast
import builtins
from collections.abc import Iterable


def bound_names(source: str) -> set[str]:
    """Names of the functions, classes and variables that a solution cell makes at its top level; imports do not count.

    Raises:
        SyntaxError: the source is not Python.
    """
    found: set[str] = set()
    for node in ast.parse(source).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif not isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    return found


def used_names(source: str) -> set[str]:
    """Names that a graded cell takes from outside: used and not made by itself.

    Raises:
        SyntaxError: the source is not Python.
    """
    names = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)]
    made = {n.id for n in names if isinstance(n.ctx, ast.Store)} | _made_otherwise(source)
    return {n.id for n in names if isinstance(n.ctx, ast.Load)} - made


def _made_otherwise(source: str) -> set[str]:
    """Names of functions, arguments and imports of the cell itself."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            found |= {(a.asname or a.name).split(".")[0] for a in node.names}
    return found


def import_statements(source: str, wanted: Iterable[str]) -> list[ast.stmt]:
    """The top-level imports of a setup cell, cut down to those that bind a wanted name.

    Raises:
        SyntaxError: the source is not Python.
    """
    wanted, found = set(wanted), []
    for node in ast.parse(source).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            node.names = [a for a in node.names if (a.asname or a.name).split(".")[0] in wanted]
            found += [node] if node.names else []
    return found


def is_builtin(name: str) -> bool:
    """Whether Python itself binds the name."""
    return hasattr(builtins, name)

"""Syntax trees in a form that can be compared: with the names as written, and with names numbered as they appear."""

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LEFT_OUT = ("ctx", "annotation", "returns", "type_comment", "type_params", "simple")
NAMES = {"Name": "id", "arg": "arg", "FunctionDef": "name"}


@dataclass(frozen=True)
class Tree:
    """A statement or an expression: two normal forms, its number of nodes, its first and last line (from 1)."""

    exact: str
    renamed: str
    size: int
    line: int
    end: int


def parse(code: str) -> ast.Module | None:
    """The syntax tree of a cell or of a code block, IPython magics allowed; None where it is not Python."""
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        return ast.parse(TransformerManager().transform_cell(textwrap.dedent(code)))
    except SyntaxError:
        return None


def trees(module: ast.AST, *, least: int = 6) -> Iterator[Tree]:
    """Every statement and expression of at least `least` nodes, the outer ones first.

    Type annotations and docstrings are left out: they say nothing about how a problem is solved.
    """
    for node in ast.walk(module):
        if isinstance(node, (ast.stmt, ast.expr)):
            size = _size(node)
            if size >= least:
                yield Tree(_form(node, None), _form(node, {}), size, node.lineno, node.end_lineno or node.lineno)


def _size(node: ast.AST) -> int:
    return sum(not isinstance(part, (ast.expr_context, ast.operator)) for part in ast.walk(node))


def _form(value: Any, names: dict[str, str] | None) -> str:
    """A text that two trees share if they are the same; `names` maps each name to v0, v1, … as it is met."""
    if isinstance(value, list):
        return f"[{','.join(_form(item, names) for item in value)}]"
    if not isinstance(value, ast.AST):
        return repr(value)
    kind = type(value).__name__
    if isinstance(value, ast.AnnAssign) and value.value is not None:
        return f"Assign([{_form(value.target, names)}],{_form(value.value, names)})"
    parts = []
    for field, child in ast.iter_fields(value):
        if field in LEFT_OUT:
            continue
        if field == "body" and isinstance(value, ast.FunctionDef) and ast.get_docstring(value) is not None:
            child = child[1:]
        if names is not None and NAMES.get(kind) == field:
            child = names.setdefault(child, f"v{len(names)}")
        parts.append(_form(child, names))
    return f"{kind}({','.join(parts)})"

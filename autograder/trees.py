"""Syntax trees in a form that can be compared: with the names as written, and with names numbered as they appear."""

import ast
import copy
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass


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
    """Every statement and expression of at least `least` nodes, the outer ones first; type annotations are left out."""
    plain = _Plain().visit(copy.deepcopy(module))
    for node in ast.walk(plain):
        if not isinstance(node, (ast.stmt, ast.expr)):
            continue
        size = sum(not isinstance(n, (ast.expr_context, ast.operator)) for n in ast.walk(node))
        if size >= least:
            end = node.end_lineno or node.lineno
            yield Tree(ast.dump(node), ast.dump(_Renamed().visit(copy.deepcopy(node))), size, node.lineno, end)


class _Plain(ast.NodeTransformer):
    """Without annotations and docstrings, which say nothing about how a problem is solved."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        self.generic_visit(node)
        if node.value is None:
            return node
        return ast.copy_location(ast.Assign(targets=[node.target], value=node.value), node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.copy_location(ast.Pass(), node)]
        return node


class _Renamed(ast.NodeTransformer):
    """Every variable becomes v0, v1, … in the order in which it is met."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}

    def new(self, name: str) -> str:
        return self.names.setdefault(name, f"v{len(self.names)}")

    def visit_Name(self, node: ast.Name) -> ast.AST:
        node.id = self.new(node.id)
        return node

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.arg = self.new(node.arg)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.new(node.name)
        self.generic_visit(node)
        return node

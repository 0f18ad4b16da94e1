"""The shape of a program: its syntax tree without what is cheap to change.

Gone are names that the program chooses, constants, docstrings, comments, annotations, imports and their aliases, the
order of commutative operands and of keyword arguments, `a > b` against `b < a`, `x += y` against `x = x + y`. Names of
libraries, functions and attributes that the program does not define stay: they carry the method.
"""

import ast
import hashlib
from collections.abc import Iterator

__all__ = ["Normaliser"]

COMMUTATIVE = (ast.Add, ast.Mult, ast.BitAnd, ast.BitOr, ast.BitXor)
MIRRORED = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}
SYMMETRIC = (ast.Eq, ast.NotEq)

Subtree = tuple[bytes, int, int]
"""Shape, first line, last line."""


class Normaliser:
    """Walks one program. Shapes are hashes of a node's kind and of its children's shapes.

    Raises:
        RecursionError: the program is nested too deeply (also from `subtrees`).
    """

    def __init__(self, tree: ast.AST):
        self._tree = tree
        self._own, self._aliases, self._attributes = set(), {}, set()
        self._found: list[tuple[bytes, int, int, int]] = []
        for node in ast.walk(tree):
            self._collect_names(node)

    def subtrees(self, least: int) -> list[Subtree]:
        """Every subtree of at least `least` nodes that stands somewhere in the text."""
        self._found = []
        for statement in _statements(self._tree.body):
            self._visit(statement)
        return [(shape, first, last) for shape, size, first, last in self._found if size >= least]

    def _collect_names(self, node: ast.AST) -> None:
        match node:
            case ast.Name(ctx=ast.Store()) | ast.Name(ctx=ast.Del()):
                self._own.add(node.id)
            case ast.arg():
                self._own.add(node.arg)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self._own.add(node.name)
            case ast.ExceptHandler() if node.name:
                self._own.add(node.name)
            case ast.Attribute(ctx=ast.Store()):
                self._attributes.add(node.attr)
            case ast.Import() | ast.ImportFrom():
                base = f"{node.module}." if isinstance(node, ast.ImportFrom) and node.module else ""
                for alias in node.names:
                    self._aliases[alias.asname or alias.name.split(".")[0]] = base + alias.name

    def _visit(self, node: ast.AST) -> tuple[bytes, int]:
        """(shape, nodes) of a subtree, which is noted down on the way."""
        kind, children, ordered = self._parts(node)
        shapes, size = [], 1
        for child in children:
            shape, nodes = self._visit(child) if isinstance(child, ast.AST) else (child, 0)
            shapes.append(shape)
            size += nodes
        if not ordered:
            shapes.sort()
        shape = hashlib.blake2b(b"\x00".join([kind.encode("utf-8", "replace"), *shapes]), digest_size=8).digest()
        if hasattr(node, "lineno"):
            self._found.append((shape, size, node.lineno, node.end_lineno or node.lineno))
        return shape, size

    def _parts(self, node: ast.AST) -> tuple[str, list, bool]:
        """(kind, children, whether their order counts) of a node; children are nodes or finished bytes."""
        match node:
            case ast.Name():
                return self._name_parts(node)
            case ast.Attribute():
                return f"attribute {'_' if node.attr in self._attributes else node.attr}", [node.value], True
            case ast.Constant():
                return f"constant {_kind(node.value)}", [], True
            case ast.JoinedStr():
                return "constant text", [], True
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
                return "constant number", [], True
            case ast.BinOp(op=op) if isinstance(op, COMMUTATIVE):
                return f"all {type(op).__name__}", list(_operands(node, type(op))), False
            case ast.BinOp():
                return type(node.op).__name__, [node.left, node.right], True
            case ast.BoolOp():
                return type(node.op).__name__, node.values, False
            case ast.Compare(ops=[op]) if type(op) in MIRRORED:
                return f"compare {MIRRORED[type(op)].__name__}", [node.comparators[0], node.left], True
            case ast.Compare(ops=[op]):
                return f"compare {type(op).__name__}", [node.left, *node.comparators], not isinstance(op, SYMMETRIC)
            case ast.Assign():
                return "Assign", [*node.targets, node.value], True
            case ast.AugAssign():
                value = ast.copy_location(ast.BinOp(node.target, node.op, node.value), node)
                return "Assign", [node.target, value], True
            case ast.AnnAssign():
                return "Assign", [child for child in (node.target, node.value) if child], True
            case ast.Call():
                return "Call", [node.func, *node.args, *sorted(node.keywords, key=self._word)], True
            case ast.keyword():
                return f"keyword {self._word(node)}", [node.value], True
            case ast.arguments():
                return f"arguments {len(node.posonlyargs + node.args)} {len(node.kwonlyargs)}", [], True
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                return type(node).__name__, [*node.decorator_list, node.args, *_statements(node.body)], True
            case ast.Expr():
                return "Expr", [node.value], True
        return type(node).__name__, list(_children(node)), True

    def _name_parts(self, node: ast.Name) -> tuple[str, list, bool]:
        """A name; one that was imported from a module is an attribute of that module."""
        full = node.id if isinstance(node, _Library) else self._name(node.id)
        module, _, name = full.rpartition(".")
        return (f"attribute {name}", [_Library(module)], True) if module else (f"name {name}", [], True)

    def _word(self, keyword: ast.keyword) -> str:
        return "**" if keyword.arg is None else self._name(keyword.arg)

    def _name(self, name: str) -> str:
        return "_" if name in self._own else self._aliases.get(name, name)


class _Library(ast.Name):
    """The full name of a module."""


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that do something: no docstring, import, `pass`, bare annotation."""
    for statement in body:
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Pass():
                continue
            case ast.AnnAssign(value=None) | ast.Global() | ast.Nonlocal():
                continue
        yield statement


def _children(node: ast.AST) -> Iterator[ast.AST | bytes]:
    for _, value in ast.iter_fields(node):
        if isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
            yield value
        elif isinstance(value, list) and value:
            children = _statements(value) if isinstance(value[0], ast.stmt) else value
            yield b"["  # `if a: b` with an else is not `if a: b; c`
            yield from (child for child in children if isinstance(child, ast.AST))


def _operands(node: ast.expr, operator: type) -> Iterator[ast.expr]:
    """a + b + c is one sum of three, whichever way it is bracketed."""
    waiting = [node]
    while waiting:
        operand = waiting.pop()
        if isinstance(operand, ast.BinOp) and isinstance(operand.op, operator):
            waiting += [operand.left, operand.right]
        else:
            yield operand


def _kind(value: object) -> str:
    if isinstance(value, bool) or value is None or value is ...:
        return "sign"
    return "text" if isinstance(value, str | bytes) else "number"

"""Small changes of a solution, each one mistake: the raw material of the mutant gate.

`mutants(source)` changes the syntax tree between BEGIN SOLUTION and END SOLUTION, one place at a time. Docstrings,
annotations and f-strings are left alone; a change that compiles to the same code as the original, or as an earlier
mutant, does not count.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.audit.operators import replacements
from autograder.rules import SOLUTION, regions

SKIPPED = (ast.JoinedStr, ast.Import, ast.ImportFrom)
DROPPED = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.If, ast.For, ast.While, ast.Raise, ast.Assert,
           ast.Continue, ast.Break, ast.Return, ast.Delete)
TELLS_LITTLE = (ast.Tuple, ast.UnaryOp, ast.Slice)
SMALL = (ast.Constant, ast.Slice, ast.Name)
SHOWN = 90


@dataclass(frozen=True)
class Mutant:
    """A changed solution cell; `key` says what changed: `line 3: "a + b" → "a - b"`, line 1 follows BEGIN SOLUTION."""

    key: str
    source: str


@dataclass
class _Place:
    """A node, and where it hangs: `getattr(parent, field)`, or the item `index` of that list."""

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    above: "list[_Place]"

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def mutants(source: str) -> list[Mutant]:
    """All mutants of a solution cell, in the order of the source.

    Raises:
        SyntaxError: the cell is not Python.
    """
    tree = ast.parse(source)
    spans = [(begin + 1, end + 1) for begin, end in regions(source, SOLUTION)]
    seen = {_code(ast.unparse(tree))}
    names: Counter[str] = Counter()
    found = []
    for place in _places(tree, []):
        line = _line_in_region(place.node, spans)
        if line is None:
            continue
        for new in _variants(place):
            before = _shown(place, place.node)
            place.put(new)
            text, after = ast.unparse(ast.fix_missing_locations(tree)), _shown(place, new)
            place.put(place.node)
            code = _code(text)
            if code is None or code in seen:
                continue
            seen.add(code)
            key = f'line {line}: "{before}" → "{after}"'
            names[key] += 1
            found.append(Mutant(key if names[key] == 1 else f"{key} ({names[key]})", text))
    return found


def _places(parent: ast.AST, above: list[_Place]) -> Iterator[_Place]:
    """Every node below `parent` that may be changed, parents first."""
    for field, value in ast.iter_fields(parent):
        if field in ("annotation", "returns", "decorator_list", "bases"):
            continue
        items = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, node in list(items):
            if isinstance(node, ast.AST) and not isinstance(node, SKIPPED):
                place = _Place(node, parent, field, index, above)
                yield place
                yield from _places(node, [*above, place])


def _variants(place: _Place) -> Iterator[ast.AST]:
    node, parent = place.node, place.parent
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(parent, ast.Expr) and isinstance(node, ast.Constant):
        return
    yield from replacements(node, parent, place.field)
    if isinstance(node, DROPPED) and not _only_return(place):
        yield ast.Pass()


def _only_return(place: _Place) -> bool:
    """A `return` that ends its function: without it the answer is None, which says nothing about the check."""
    return isinstance(place.node, ast.Return) and isinstance(place.parent, ast.FunctionDef)


def _line_in_region(node: ast.AST, spans: list[tuple[int, int]]) -> int | None:
    line, before = getattr(node, "lineno", None), 0
    if line is None:
        return None
    for begin, end in spans:
        if begin < line < end:
            return before + line - begin
        before += end - begin - 1
    return None


def _shown(place: _Place, node: ast.AST) -> str:
    """The change as text; what says little by itself (a constant, a bound) in the nearest expression around it."""
    own = ast.unparse(node) if isinstance(node, (ast.expr, ast.stmt)) else ""
    negative = isinstance(place.node, ast.UnaryOp) and isinstance(place.node.operand, ast.Constant)
    if not negative and not isinstance(place.node, SMALL):
        return _clip(own)
    for outer in reversed(place.above):
        if isinstance(outer.node, (ast.expr, ast.stmt)) and not isinstance(outer.node, TELLS_LITTLE):
            text = ast.unparse(ast.fix_missing_locations(outer.node))
            return text if len(text) <= SHOWN and "\n" not in text else _clip(own)
    return _clip(own)


def _clip(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _code(text: str) -> str | None:
    """What the interpreter would run: instructions and constants without line numbers."""
    try:
        return _fingerprint(compile(text, "answer", "exec", dont_inherit=True))
    except (SyntaxError, ValueError):
        return None


def _fingerprint(code) -> str:
    constants = [_fingerprint(c) if hasattr(c, "co_code") else f"{type(c).__name__} {c!r}" for c in code.co_consts]
    parts = (code.co_code, constants, code.co_names, code.co_varnames, code.co_freevars, code.co_exceptiontable)
    return repr(parts)

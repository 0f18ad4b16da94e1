"""Which names a piece of code binds and uses at the level of the notebook, found without running it."""

import ast
import re
import symtable
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MAX_CODE, MAX_KEPT = 300_000, 20_000
CANNOT_PARSE = (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError)
DYNAMIC = {"exec", "eval", "globals", "locals", "vars", "get_ipython", "__import__"}
SCOPED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp,
          ast.GeneratorExp, ast.Import, ast.ImportFrom, ast.Global, ast.ExceptHandler, ast.Match)
SETTERS = re.compile(
    r"set(?!_default_device)|seed|manual_seed|use_|enable|filter|append|insert|update|add|register|extend"
)


@dataclass(frozen=True)
class Names:
    """What a cell does to the names of the notebook.

    Args:
        binds: names it binds (assignments, imports, definitions, `global` in a function).
        defines: those that a `def` or `class` at the top level binds.
    uses: global names it reads, also within its functions.
    free: those of `uses` that another cell has to give.
        changes: names whose object it changes in place (`x[0] = …`, `x.y = …`, `x.append(…)`).
        wild: it may bind anything: `import *`, exec, globals().
        parsed: False where it is not Python; then all is empty.
    """

    binds: frozenset[str] = frozenset()
    defines: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    free: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    wild: bool = False
    parsed: bool = True


UNPARSED = Names(parsed=False)


def names_of(code: str) -> Names:
    """The names of a cell (plain Python: magics are cleaned before)."""
    return _names(code) if len(code) > MAX_KEPT else _names_and_keep(code)


def _names(code: str) -> Names:
    tree = parse(code)
    if tree is None:
        return UNPARSED
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            binds, uses = _scan(symtable.symtable(code, "cell", "exec"))
            free = free_names(tree)
        changes = frozenset(_changes(tree))
    except CANNOT_PARSE:
        return UNPARSED
    star = any(isinstance(n, ast.ImportFrom) and n.names[0].name == "*" for n in ast.walk(tree))
    wild = star or bool(uses & DYNAMIC)
    return Names(frozenset(binds), definitions(tree), frozenset(uses), frozenset(free), changes, wild)


_names_and_keep = lru_cache(maxsize=4096)(_names)


def parse(code: str) -> ast.Module | None:
    """The syntax tree, or None where there is none to be had, for whatever reason."""
    if len(code) > MAX_CODE:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" in a student's string
            return ast.parse(code)
    except CANNOT_PARSE:
        return None


def definitions(tree: ast.Module) -> frozenset[str]:
    """Names of the functions and classes at the top level."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds))


def _scan(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    """Names bound and global names used in a table and in all scopes below it."""
    binds, uses = set(), set()
    for symbol in table.get_symbols():
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            binds.add(symbol.get_name())
        if symbol.is_referenced():
            uses.add(symbol.get_name())
    for scope in _below(table):
        for symbol in scope.get_symbols():
            if symbol.is_global() and symbol.is_referenced():
                uses.add(symbol.get_name())
            if symbol.is_declared_global() and symbol.is_assigned():
                binds.add(symbol.get_name())
    return binds, uses


def _below(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    waiting = list(table.get_children())
    while waiting:
        scope = waiting.pop()
        yield scope
        waiting += scope.get_children()

def free_names(tree: ast.Module) -> set[str]:
    """Names that a cell reads and that another cell has to give: read before the cell binds them itself.

    What functions read counts at the end of the cell, when all that it binds is there.
    """
    later: set[str] = set()
    bound: set[str] = set()
    free = _free(tree.body, bound, later)
    return free | (later - bound)


def _free(body: list[ast.stmt], bound: set[str], later: set[str]) -> set[str]:
    """The free names of statements in a row; `bound` grows by what they certainly bind."""
    free: set[str] = set()
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            bound.add(node.name)
            later |= _leaf(node)[1]
        elif isinstance(node, (ast.If, ast.While)):
            free |= _leaf(node.test)[1] - bound
            sides = [set(bound), set(bound)]
            free |= _free(node.body, sides[0], later) | _free(node.orelse, sides[1], later)
            bound |= sides[0] & sides[1]
        elif isinstance(node, (ast.For, ast.With)):
            heads = [node.iter] if isinstance(node, ast.For) else [item.context_expr for item in node.items]
            targets = [node.target] if isinstance(node, ast.For) else [item.optional_vars for item in node.items]
            for part in heads:
                free |= _leaf(part)[1] - bound
            for part in filter(None, targets):
                bound |= {n.id for n in ast.walk(part) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            free |= _free(node.body, bound, later) | _free(getattr(node, "orelse", []), bound, later)
        elif isinstance(node, ast.Try):
            free |= _free(node.body, bound, later)
            for part in (*(h.body for h in node.handlers), node.orelse, node.finalbody):
                free |= _free(part, set(bound), later)
        else:
            binds, uses = _leaf(node)
            free |= uses - bound
            bound |= binds
    return free


def _reads(name: ast.Name, statement: ast.AST) -> bool:
    """`x += 1` reads x as well."""
    return isinstance(name.ctx, ast.Load) or (isinstance(statement, ast.AugAssign) and name is statement.target)


def _leaf(node: ast.AST) -> tuple[set[str], set[str]]:
    """Names that one statement or expression binds and uses."""
    parts = list(ast.walk(node))
    if not any(isinstance(part, SCOPED) for part in parts):  # the common case, ten times as fast
        names = [part for part in parts if isinstance(part, ast.Name)]
        return ({n.id for n in names if not isinstance(n.ctx, ast.Load)}, {n.id for n in names if _reads(n, node)})
    return _scan(symtable.symtable(ast.unparse(node), "cell", "exec"))


def _changes(tree: ast.Module) -> Iterator[str]:
    """Roots of stores into parts of objects, and of statements that call a method which sounds like a change."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
            yield from _root(node)
    for statement in tree.body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and SETTERS.match(call.func.attr):
            yield from _root(call.func)


def _root(node: ast.expr) -> Iterator[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id

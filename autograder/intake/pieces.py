"""Cells that are not one cell per answer: several answers in one cell, one answer in several cells."""

import ast
import re
import textwrap
from collections.abc import Sequence
from dataclasses import replace

from autograder.intake.cells import CODE, Cell
from autograder.intake.magics import clean
from autograder.intake.names import names_of, parse
from autograder.intake.outline import Outline, Task
from autograder.intake.text import normal

FENCED = re.compile(r"\s*(```|~~~)[ \w]*\n(.*?)\n?\1\s*", re.S)
MAX_JOINED = 8
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def as_code(cell: Cell) -> str:
    """The text of a cell as code: a markdown cell may hold it between fences."""
    if cell.kind == CODE:
        return cell.source
    fenced = FENCED.fullmatch(cell.source)
    return fenced[2] if fenced else cell.source


def defines(source: str, task: Task) -> bool:
    """Whether a text holds the definition of what `task` asks for; also where it does not parse."""
    found = names_of(clean(source).source)
    if found.parsed:
        return bool(found.defines & task.names)
    return any(re.search(rf"^(?:async +)?(?:def|class) +{re.escape(name)}\b", source, re.M) for name in task.names)


def without_tests(source: str, outline: Outline) -> str:
    """`source` less the graded cells that were merged into it: they are the instructor's to run."""
    lines = source.split("\n")
    for task in outline.tasks.values():
        for test in task.tests:
            if test.source.split("\n", 1)[0].rstrip() not in source:
                continue
            wanted = [line.rstrip() for line in test.source.split("\n")]
            for at in range(len(lines) - len(wanted), -1, -1):
                if [line.rstrip() for line in lines[at : at + len(wanted)]] == wanted:
                    del lines[at : at + len(wanted)]
    return source if len(lines) == source.count("\n") + 1 else "\n".join(lines).strip("\n")


def split_shared(cells: Sequence[Cell], outline: Outline) -> list[Cell]:
    """Each code cell that holds several answers as consecutive cells that hold one each; the others as they are."""
    return [piece for cell in cells for piece in _split(cell, outline)]


def _split(cell: Cell, outline: Outline) -> list[Cell]:
    coded = [task for task in outline.tasks.values() if task.names]
    if cell.kind != CODE or sum(any(name in cell.source for name in task.names) for task in coded) < 2:
        return [cell]
    source = clean(cell.source).source
    tree = parse(source)
    if tree is None:
        return [cell]
    owner = {name: task.grade_id for task in coded for name in task.names}
    ends: dict[str, int] = {}
    for node in tree.body:
        if isinstance(node, SCOPES[:3]) and node.name in owner:
            ends[owner[node.name]] = node.end_lineno
    if len(ends) < 2:
        return [cell]
    lines, begin, made = source.split("\n"), 0, []
    for grade_id, end in sorted(ends.items(), key=lambda item: item[1]):
        while end < len(lines) and re.match(r"[ \t]+#", lines[end]):
            end += 1
        made.append((grade_id, lines[begin:end]))
        begin = end
    made[-1][1].extend(lines[begin:])
    return [
        replace(cell, source="\n".join(part).strip("\n"), grade_id=grade_id if grade_id == cell.grade_id else None,
                ids=cell.ids if grade_id in cell.ids else ())
        for grade_id, part in made
    ]


def continues(source: str, following: str) -> bool:
    """Whether a cell is the second half of the one before it: torn apart in the middle of a definition."""
    if not normal(source) or not normal(following):
        return False
    alone = parse(source)
    if alone is not None and normal(following)[0] not in " \t":
        return False
    if parse(source + "\n" + following) is None:
        return False
    if alone is None:
        return True
    rest = parse(textwrap.dedent(following))
    if rest is None or _leaves(rest):
        return True
    last = alone.body[-1] if alone.body else None
    return isinstance(last, SCOPES[:3]) and not isinstance(last.body[-1], (ast.Return, ast.Raise))


def joined(source: str, following: Sequence[str]) -> tuple[str, int]:
    """`source` with as many of the `following` texts as belong to it, and how many those are."""
    taken = 0
    for count in range(1, min(len(following), MAX_JOINED) + 1):
        together = "\n".join(following[taken:count])
        if continues(source, together):
            source, taken = source + "\n" + together, count
        elif parse(source) is not None and normal(following[count - 1])[:1] not in (" ", "\t", ""):
            break
    return source, taken


def _leaves(tree: ast.Module) -> bool:
    """`return` or `yield` outside a function: a text that nobody could run by itself."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Return, ast.Yield, ast.YieldFrom, ast.Continue, ast.Break)):
            return not isinstance(node, (ast.Continue, ast.Break))
        if not isinstance(node, SCOPES):
            waiting += ast.iter_child_nodes(node)
    return False

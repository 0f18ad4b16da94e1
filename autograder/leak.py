"""The leak gate: nothing of a solution, a hidden test or a mark scheme reaches students.

Two nets. The text net looks for the secret lines themselves, white space aside, in every cell and its metadata. The
tree net compares syntax trees: a solution that was copied into a lesson, re-indented and with other variable names, is
found in code cells and in code blocks of the prose. A hint may show one line of its solution that is no `return`.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from nbformat import NotebookNode

from autograder.course import Unit
from autograder.errors import CourseError, raise_all
from autograder.rules import HIDDEN, REGIONS, SCHEME, SOLUTION, regions
from autograder.trees import Tree, parse, trees

__all__ = ["find_leaks", "refuse_leaks"]

# Characters without white space from which a line is a secret: shorter ones (`return x`) are everybody's.
CODE_LINE, HIDDEN_LINE, PROSE_LINE, COMMENT_LINE = 40, 16, 24, 20
# Nodes of a syntax tree from which it is a secret: with the author's names, and with any names.
SAME_NAMES, ANY_NAMES, HIDDEN_NAMES = 12, 18, 8
MARKER = re.compile("|".join(f"(BEGIN|END) {name}" for name in REGIONS))
DETAILS = re.compile(r"<details>.*?</details>", re.S)
FENCE = re.compile(r"^[ \t]*```[^\n]*\n(.*?)^[ \t]*```", re.S | re.M)


@dataclass(frozen=True)
class Secret:
    """A line or a syntax tree of the solved notebook that the release must not hold."""

    kind: str
    owner: str
    index: int
    line: int | None
    shown: str
    hint: bool = False

    @property
    def place(self) -> tuple[str, int]:
        """The line of the solved notebook that it stands in."""
        return self.owner, self.index


@dataclass
class Secrets:
    """All secrets of one notebook, ready to be looked up."""

    lines: dict[str, Secret] = field(default_factory=dict)
    exact: dict[str, Secret] = field(default_factory=dict)
    renamed: dict[str, Secret] = field(default_factory=dict)


def refuse_leaks(solved: NotebookNode, release: NotebookNode, unit: Unit) -> None:
    """Raise one CourseError per leak, at the line of the source cell that would give something away."""
    raise_all(find_leaks(solved, release, unit))


def find_leaks(solved: NotebookNode, release: NotebookNode, unit: Unit) -> list[CourseError]:
    """What of the solved notebook's secrets stands in the release; empty if nothing does."""
    secrets, found = _secrets(solved), []
    places = {cell.get("id"): cell.metadata.get("course", {}).get("line") for cell in solved.cells}
    for index, cell in enumerate(release.cells):
        where = f"cell {index + 1} ({cell.metadata.get('nbgrader', {}).get('grade_id') or cell.get('id', '')})"
        line = places.get(cell.get("id"))
        for offset, message in _cell_leaks(cell, secrets):
            at = None if line is None else line + 1 + offset
            mend = "take it out of the visible cell, or show another example"
            found.append(CourseError(f"leak in {where} of the release: {message}", unit.source, at, mend))
    strays = sorted(unit.release.parent.glob("*.py"))
    found += [CourseError("leak: a Python file in the release folder", path, None, "delete it") for path in strays]
    return found


def _cell_leaks(cell: NotebookNode, secrets: Secrets) -> Iterator[tuple[int, str]]:
    """Line offset in the cell, and what leaks; at most one report per secret line or tree."""
    marker = MARKER.search(cell.source)
    if marker:
        yield cell.source[: marker.start()].count("\n"), f"the marker {marker[0]!r}"
    if cell.get("outputs") or cell.get("execution_count"):
        yield -1, "outputs"
    if cell.get("attachments"):
        yield -1, "an attachment"
    metadata = _squeeze(json.dumps(cell.metadata, ensure_ascii=False))
    for text, secret in secrets.lines.items():
        if text in metadata:
            yield -1, "in the metadata, " + _report(secret)
    told, hinted = set(), {}
    for position, secret in sorted([*_line_hits(cell.source, secrets), *_tree_hits(cell, secrets)], key=itemgetter(0)):
        if secret.place in told:
            continue
        in_hint = secret.hint and _in_hint(cell.source, position)
        if in_hint and hinted.setdefault(secret.owner, secret.place) == secret.place:
            continue
        told.add(secret.place)
        yield cell.source[:position].count("\n"), _report(secret)


def _in_hint(text: str, position: int) -> bool:
    return any(match.start() <= position < match.end() for match in DETAILS.finditer(text))


def _report(secret: Secret) -> str:
    place = f", line {secret.line}" if secret.line else ""
    return f"{secret.kind} of {secret.owner}{place}: {secret.shown[:80]!r}"


def _line_hits(text: str, secrets: Secrets) -> Iterator[tuple[int, Secret]]:
    """Position and secret of every place where a secret line stands."""
    squeezed, origin = [], []
    for position, character in enumerate(text):
        if not character.isspace():
            squeezed.append(character)
            origin.append(position)
    flat = "".join(squeezed)
    for line, secret in secrets.lines.items():
        at = flat.find(line)
        while at >= 0:
            yield origin[at], secret
            at = flat.find(line, at + 1)


def _tree_hits(cell: NotebookNode, secrets: Secrets) -> Iterator[tuple[int, Secret]]:
    """Position of the line, and secret, of every statement or expression that is a secret."""
    blocks = [(0, cell.source)]
    if cell.cell_type != "code":
        blocks = [(m.start(1), m[1]) for m in FENCE.finditer(cell.source)]
    for start, code in blocks:
        module = parse(code)
        for tree in trees(module) if module else ():
            secret = secrets.exact.get(tree.exact) or secrets.renamed.get(tree.renamed)
            if secret:
                yield start + sum(len(line) + 1 for line in code.split("\n")[: tree.line - 1]), secret


def _secrets(solved: NotebookNode) -> Secrets:
    secrets = Secrets()
    for cell in solved.cells:
        for name in REGIONS:
            for begin, end in regions(cell.source, name):
                _collect(secrets, cell, name, begin, end)
    return secrets


def _collect(secrets: Secrets, cell: NotebookNode, name: str, begin: int, end: int) -> None:
    """Add the lines and trees of one region to `secrets`."""
    owner = cell.metadata.get("nbgrader", {}).get("grade_id", cell.get("id", "?"))
    kind = {SOLUTION: "a solution line", HIDDEN: "a hidden test", SCHEME: "the mark scheme"}[name]
    lines, first_line = cell.source.split("\n"), cell.metadata.get("course", {}).get("line")
    visible = {_squeeze(line) for i, line in enumerate(lines) if not begin <= i <= end} if name == HIDDEN else set()

    def secret(index: int, *, whole: bool = True) -> Secret:
        place = None if first_line is None else first_line + 1 + index
        hint = whole and name == SOLUTION and cell.cell_type == "code" and not lines[index].strip().startswith("return")
        return Secret(kind, repr(owner), index, place, lines[index].strip(), hint)

    for index in range(begin + 1, end):
        text = _squeeze(lines[index])
        if len(text) >= _least(cell, name, lines[index]) and text not in visible:
            secrets.lines.setdefault(text, secret(index))
    module = parse(cell.source) if cell.cell_type == "code" else None
    if module is None:
        return
    shown = {tree.exact for tree in trees(module) if tree.end <= begin or tree.line > end + 1}
    for tree in trees(module):
        if not begin + 1 < tree.line <= tree.end <= end or tree.exact in shown:
            continue
        _add_tree(secrets, tree, secret(tree.line - 1, whole=tree.line == tree.end), hidden=name == HIDDEN)


def _add_tree(secrets: Secrets, tree: Tree, secret: Secret, *, hidden: bool) -> None:
    if tree.size >= (HIDDEN_NAMES if hidden else SAME_NAMES):
        secrets.exact.setdefault(tree.exact, secret)
    if tree.size >= ANY_NAMES:
        secrets.renamed.setdefault(tree.renamed, secret)


def _least(cell: NotebookNode, name: str, line: str) -> float:
    """From how many characters on a line of this region is a secret."""
    line = line.strip()
    if cell.cell_type == "markdown":
        return PROSE_LINE
    if name == HIDDEN:
        return HIDDEN_LINE
    if line.startswith(("import ", "from ")):
        return float("inf")
    return COMMENT_LINE if line.startswith("#") else CODE_LINE


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)

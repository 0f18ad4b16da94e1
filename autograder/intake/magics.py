"""IPython's own syntax in a cell: what would reach a shell, the network or the notebook program is taken out."""

import ast
import re
import textwrap
from dataclasses import dataclass
from functools import lru_cache

from autograder.intake.names import MAX_CODE, MAX_KEPT, parse

SUSPECT = re.compile(r"^\s*[!%?]|=\s*[!%]|\?\s*$|^\s*>>>|\bget_ipython\b", re.M)
SHELL = {"system", "getoutput"}
RUNS_THE_CELL = {"time", "timeit", "capture", "prun"}
KEEPS_THE_LINE = {"time"}
QUIET = {"matplotlib", "config", "load_ext", "reload_ext", "autoreload", "pylab", "pinfo", "pinfo2", "tensorboard",
         "who", "precision", "pdb", "xmode", "timeit", "capture", "prun"}
MAX_MAGICS, MAX_WORK, MAX_STACKED = 60, 1_000_000, 5


@dataclass(frozen=True)
class Cleaned:
    """`source` is plain Python if the cell was; `dropped` are the lines that are not run and that may be missed."""

    source: str
    dropped: tuple[str, ...] = ()


def clean(source: str) -> Cleaned:
    """The cell without magics. A statement that was one becomes `None`; `x = !ls` becomes an empty list."""
    if len(source) > MAX_CODE:
        return Cleaned(source)
    return _clean(source) if len(source) > MAX_KEPT else _clean_and_keep(source)


def _clean(source: str) -> Cleaned:
    if not SUSPECT.search(source):
        return Cleaned(_dedented(source))
    first, _, rest = source.lstrip().partition("\n")
    if first.startswith("%%"):
        name = re.match(r"%%\s*(\w*)", first)[1]
        if name in RUNS_THE_CELL and source.count("\n%%") <= MAX_STACKED:
            return clean(rest)
        return Cleaned("\n".join(f"# {line}" for line in source.split("\n")), (first[:80],))
    count = len(SUSPECT.findall(source))
    if count > MAX_MAGICS or count * len(source) > MAX_WORK:  # IPython reads the whole cell anew for each of them
        return Cleaned(source)
    return _clean_lines(source)


_clean_and_keep = lru_cache(maxsize=2048)(_clean)


def _dedented(source: str) -> str:
    """IPython forgives a cell that is indented as a whole; so do we."""
    if source.lstrip("\n")[:1] not in (" ", "\t") or parse(source) is not None:
        return source
    dedented = textwrap.dedent(source)
    return dedented if parse(dedented) is not None else source


def _clean_lines(source: str) -> Cleaned:
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        plain = TransformerManager().transform_cell(source)
    except Exception:  # IPython's tokeniser raises what it likes on what is not Python
        return Cleaned(source)
    tree = parse(plain)
    if tree is None:
        return Cleaned(source)
    edits, dropped = [], []
    for node in ast.walk(tree):
        method = _shell_method(node)
        if method:
            text, note = _instead(method, node)
            edits.append((node, text))
            dropped += [note] if note else []
    if not edits:
        return Cleaned(plain.rstrip("\n") if plain.rstrip("\n") != source else source)
    return Cleaned(_replace(plain, edits).rstrip("\n"), tuple(dropped))


def _shell_method(node: ast.AST) -> str | None:
    """The method that a call `get_ipython().method(…)` names."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    owner = node.func.value
    called = isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "get_ipython"
    return node.func.attr if called else None


def _instead(method: str, node: ast.Call) -> tuple[str, str | None]:
    """What stands in for the call, and the line to report (None: nothing is missed)."""
    words = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if method in SHELL:
        return ("[]" if method == "getoutput" else "None"), "!" + " ".join(words)[:80]
    if method == "run_line_magic" and words:
        if words[0] in KEEPS_THE_LINE and len(words) > 1 and parse(words[1]):
            return words[1], None
        if words[0] in QUIET:
            return "None", None
    return "None", ("%" + " ".join(words))[:80]


def _replace(text: str, edits: list[tuple[ast.Call, str]]) -> str:
    """Put texts in the places of nodes, the last one first; columns of `ast` count UTF-8 bytes."""
    lines = [line.encode() for line in text.split("\n")]
    for node, new in sorted(edits, key=lambda edit: (edit[0].lineno, edit[0].col_offset), reverse=True):
        begin, end = node.lineno - 1, node.end_lineno - 1
        joined = lines[begin][: node.col_offset] + new.encode() + lines[end][node.end_col_offset :]
        lines[begin : end + 1] = [joined]
    return b"\n".join(lines).decode()

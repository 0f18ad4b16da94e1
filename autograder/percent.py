"""The percent source of a unit: read it with line numbers, and write it in its one canonical form.

The canonical form has one blank line between cells, no YAML header, no generated cells, and nbgrader metadata cut down
to what an author types. jupytext writes more than that when a solved notebook is saved; `canonical` takes it off again,
so the round trip source → notebook → jupytext → source gives the same bytes.
"""

import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict

from autograder.errors import CourseError

MARKER = re.compile(r"^#\s*%%+(\s|$)")
KEPT_METADATA = ("title", "tags", "jupyter", "nbgrader")
PERCENT = "py:percent"


def read_cells(text: str, file: Path) -> list[NotebookNode]:
    """The author's cells of a percent script, each with `metadata.course.line`, the line of its `# %%`.

    Generated cells (left by a save in JupyterLab) are dropped. nbgrader metadata is as typed.

    Raises:
        CourseError: jupytext cannot read it, or a cell is of a kind that a unit cannot hold.
    """
    import jupytext

    try:
        cells = jupytext.reads(text, fmt=PERCENT).cells
    except Exception as error:  # jupytext raises whatever its YAML or JSON parser raises
        raise CourseError(f"jupytext cannot read this percent script: {error}", file) from None
    lines = [number for number, line in enumerate(text.splitlines(), 1) if MARKER.match(line)]
    if not lines:
        raise CourseError("no cell found", file, 1, "begin each cell with a line `# %%` or `# %% [markdown]`")
    if len(cells) == len(lines) + 1:
        raise CourseError("there is text above the first `# %%`", file, 1, "begin the file with a cell marker")
    if len(cells) != len(lines):
        raise CourseError(
            f"{len(lines)} lines look like cell markers, but jupytext reads {len(cells)} cells", file, None,
            "does a line inside a string begin with `# %%`?",
        )
    kept = []
    for cell, line in zip(cells, lines, strict=True):
        if is_generated(cell):
            continue
        _check_cell(cell, file, line)
        cell.metadata = _author_metadata(cell)
        cell.metadata["course"] = NotebookNode(line=line)
        cell.source = cell.source.rstrip()
        kept.append(cell)
    return kept


def canonical(text: str, file: Path) -> str:
    """`text` as `course build` leaves it; idempotent."""
    return write_cells(read_cells(text, file))


def write_cells(cells: list[NotebookNode]) -> str:
    """The canonical percent script of the author's cells; generated and empty ones are left out."""
    import jupytext
    from nbformat.v4 import new_notebook

    plain = []
    for cell in cells:
        if is_generated(cell) or not cell.source.strip():
            continue
        metadata = _author_metadata(cell)
        metadata["lines_to_next_cell"] = 1  # jupytext would put two blank lines after a function
        plain.append(NotebookNode(cell, metadata=metadata, source=cell.source.rstrip()))
    notebook = new_notebook(cells=plain)
    notebook.metadata["jupytext"] = {
        "notebook_metadata_filter": "-all", "cell_metadata_filter": f"{','.join(KEPT_METADATA)},-all",
        "main_language": "python",
    }
    return jupytext.writes(notebook, fmt=PERCENT).strip("\n") + "\n"


def is_generated(cell: NotebookNode) -> bool:
    """Whether the builder wrote this cell."""
    return bool(cell.metadata.get("course", {}).get("generated"))


def _check_cell(cell: NotebookNode, file: Path, line: int) -> None:
    if cell.cell_type == "raw":
        raise CourseError("a raw cell", file, line, "use `# %% [markdown]` or a code cell")
    if not cell.source.strip():
        raise CourseError("an empty cell", file, line, "write something in it, or delete its marker")
    nbgrader = cell.metadata.get("nbgrader", {})
    if not isinstance(nbgrader, dict) or "incorrectly_encoded_metadata" in cell.metadata:
        raise CourseError("the metadata of this cell is not JSON", file, line, 'nbgrader={"grade_id": "name", …}')


def _author_metadata(cell: NotebookNode) -> NotebookNode:
    """What an author types: the kept keys in a fixed order, nbgrader metadata in its short form."""
    metadata = {key: cell.metadata[key] for key in KEPT_METADATA if cell.metadata.get(key)}
    if "nbgrader" in metadata:
        metadata["nbgrader"] = short_nbgrader(metadata["nbgrader"])
    return from_dict(metadata)


def short_nbgrader(full: dict[str, Any]) -> dict[str, Any]:
    """nbgrader's metadata without what the builder derives; keys that it does not know stay, to be refused later."""
    derived = {"schema_version", "locked", "task", "grade", "checksum", "cell_type"}
    extra = {key: value for key, value in full.items() if key not in derived | {"grade_id", "solution", "points"}}
    short: dict[str, Any] = {}
    if "grade_id" in full:
        short["grade_id"] = full["grade_id"]
    if full.get("solution"):
        short["solution"] = True
    if "points" in full and (full.get("grade", True)):
        points = full["points"]
        short["points"] = int(points) if isinstance(points, float) and points.is_integer() else points
    if full.get("task") is True:
        extra["task"] = True
    return short | extra

"""The sentences of intake: what was mended, said to the student."""

from collections.abc import Iterable, Sequence

from autograder.intake.cells import Cell
from autograder.intake.outline import Task

LATE = "The platform marks this submission as late; when it came is not in the file name."


def cell(at: Cell) -> str:
    """How a message names a cell of the student's file."""
    return f"cell {at.number}"


def missing(task: Task) -> str:
    """No cell could be taken for the answer."""
    return f"No cell could be recognised as the answer of `{task.grade_id}`."


def by_name(task: Task) -> str:
    """The metadata was gone, the definition was there."""
    return f"The answer of `{task.grade_id}` was found by the name that it defines: the mark of its cell was gone."


def by_id(task: Task) -> str:
    """The grade_id was gone, the cell id was there."""
    return f"The answer of `{task.grade_id}` was found by its cell id: nbgrader's mark was gone."


def by_place(task: Task, at: Cell) -> str:
    """A guess."""
    return (f"{cell(at).capitalize()} was taken for the answer of `{task.grade_id}` by where it stands or by its text: "
            "neither its mark nor the name asked for is there.")


def by_heading(task: Task) -> str:
    """An explain question found by its text."""
    return f"The answer of `{task.grade_id}` was found by the text of the question: the mark of its cell was gone."


def below(task: Task, at: Cell) -> str:
    """An explain question whose cell has lost all marks."""
    return f"{cell(at).capitalize()} was taken for the answer of `{task.grade_id}`: it stands below the question."


def several(task: Task, cells: Sequence[Cell], chosen: Cell, versions: int) -> str:
    """More than one cell answers."""
    where = listed([f"{c.number}" for c in cells[:12]] + ["more"] * (len(cells) > 12))
    if versions == 1:
        return f"The answer of `{task.grade_id}` is there more than once, each time the same (cells {where})."
    return (f"There are {versions} different answers of `{task.grade_id}` (cells {where}); "
            f"that of {cell(chosen)} was graded.")


def joined(task: Task, count: int) -> str:
    """The answer was torn apart."""
    return f"The answer of `{task.grade_id}` was put together from {count} cells."


def appended(task: Task, count: int) -> str:
    """Text below an explain question."""
    return f"The text of {count} cell(s) below `{task.grade_id}` was added to the answer."


def retyped(task: Task, at: Cell) -> str:
    """The kind of the cell was changed."""
    kind = "text" if task.manual else "code"
    return f"The answer of `{task.grade_id}` stood in a {at.kind} cell and was read as {kind}."


def elsewhere(task: Task, where: str) -> str:
    """The answer stands in a cell that is not the student's."""
    return f"The answer of `{task.grade_id}` was written into {where}."


def other_name(task: Task, names: Iterable[str]) -> str:
    """The answer defines something else."""
    got = listed(f"`{name}`" for name in sorted(names)) or "nothing"
    wanted = listed(f"`{name}`" for name in sorted(task.names))
    return f"The answer of `{task.grade_id}` should define {wanted}; it defines {got}."


def merged(task: Task) -> str:
    """The answer cell holds a graded cell."""
    return f"A graded cell stood in the same cell as the answer of `{task.grade_id}`; it was taken out."


def set_aside(task: Task, lines: Sequence[str]) -> str:
    """Lines that are no Python."""
    return f"Lines in the answer of `{task.grade_id}` are not Python and were set aside: {lines[0][:60]!r}" + (
        "." if len(lines) == 1 else f" and {len(lines) - 1} more.")


def dropped(where: str, lines: Sequence[str]) -> str:
    """Magics that were not run."""
    return f"Not run in {where}: {listed(f'`{line}`' for line in lines[:3])}."


def listed(words: Iterable[str]) -> str:
    """a, b and c."""
    words = list(words)
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

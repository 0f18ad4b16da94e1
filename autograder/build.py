"""`course build`: one percent source per unit becomes the solved notebook and the student release."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from nbformat import NotebookNode

from autograder import concepts
from autograder.course import Course, Unit
from autograder.errors import CourseError, CourseErrors, short_path
from autograder.files import write_all
from autograder.leak import refuse_leaks
from autograder.percent import KEPT_METADATA, canonical, write_cells
from autograder.release import digest, make_release, notebook_text, seal
from autograder.source import solved_notebook, source_text

PAIRING = {
    "formats": "ipynb,py:percent", "notebook_metadata_filter": "-all",
    "cell_metadata_filter": f"{','.join((*KEPT_METADATA, 'course'))},-all",
}


@dataclass(frozen=True)
class Built:
    """Everything that a build of one unit would write."""

    unit: Unit
    source: str
    solved: NotebookNode
    release: NotebookNode

    def texts(self) -> dict[Path, str]:
        """Path → content."""
        return {
            self.unit.source: self.source,
            self.unit.solved: notebook_text(self.solved),
            self.unit.release: notebook_text(self.release),
        }


def build_unit(course: Course, unit: Unit) -> Built:
    """Make both notebooks in memory and pass them through the leak gate.

    Raises:
        CourseError: the source breaks a rule, or something of a solution would reach students.
    """
    text = source_text(unit)
    solved = solved_notebook(course, unit, text)
    release = make_release(solved)
    refuse_leaks(solved, release, unit)
    return Built(unit, canonical(text, unit.source), solved_for_disk(course, unit, text), release)


def solved_for_disk(course: Course, unit: Unit, text: str) -> NotebookNode:
    """The solved notebook as it is committed: paired with its source, sealed, without source lines.

    Raises:
        CourseError: the source breaks a rule.
    """
    solved = solved_notebook(course, unit, text)
    for cell in solved.cells:
        if "line" in cell.metadata.get("course", {}):
            del cell.metadata["course"]
    solved.metadata["jupytext"] = dict(PAIRING)
    return seal(solved)


def refuse_edited(built: Built) -> None:
    """Raise if a notebook on the disk holds work of a person that a build would destroy.

    A solved notebook that JupyterLab saved is no such thing as long as the source holds the same cells.
    """
    unit = built.unit
    for path, fresh in ((unit.solved, built.solved), (unit.release, built.release)):
        if not path.exists():
            continue
        notebook = read_notebook(path)
        if digest(notebook) in (notebook.metadata.get("course", {}).get("digest"), digest(fresh)):
            continue
        mend = f"carry the change into {unit.source.name}, then `course build --force {unit.name}`"
        if path == unit.solved:
            if write_cells(notebook.cells) == built.source:
                continue
            mend = (f"`jupytext --sync {short_path(path)}` takes the edit into the source; "
                    f"`course build --force {unit.name}` drops it")
        raise CourseError("this notebook was edited by hand, and a build would lose the edit", path, None, mend)


def read_notebook(path: Path) -> NotebookNode:
    """A notebook from the disk, format 4.

    Raises:
        CourseError: it is damaged.
    """
    import nbformat

    try:
        return nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises JSON, validation and its own errors
        raise CourseError(f"not a notebook: {type(error).__name__}", path, None,
                          "delete it and build again, or take it back from git") from None


def differences(built: Built) -> list[CourseError]:
    """What on the disk differs from a fresh build: one line per file, naming the first cell that differs."""
    found = []
    for path, text in built.texts().items():
        try:
            old = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            old = None
        if old == text:
            continue
        mend = f"course build {built.unit.name}"
        if old is None:
            found.append(CourseError("is missing", path, None, mend))
        elif path.suffix == ".py":
            line = _first_difference(old.splitlines(), text.splitlines())
            found.append(CourseError("is not in the canonical percent form", path, line + 1, mend))
        else:
            fresh = built.solved if path == built.unit.solved else built.release
            first = _first_cell(read_notebook(path), fresh)
            found.append(CourseError(f"differs from its source: {first}", path, None, mend))
    return found


def _first_cell(old: NotebookNode, new: NotebookNode) -> str:
    index = _first_difference(old.cells, new.cells)
    if index == len(old.cells) == len(new.cells):
        return "the notebook metadata"
    cell = new.cells[index] if index < len(new.cells) else old.cells[index]
    name = cell.metadata.get("nbgrader", {}).get("grade_id") or cell.get("id", "")
    first_line = cell.source.strip().split("\n")[0][:60]
    return f"cell {index + 1} ({name}: {first_line!r}) is the first"


def _first_difference(old: list, new: list) -> int:
    for index, (a, b) in enumerate(zip(old, new, strict=False)):
        if a != b:
            return index
    return min(len(old), len(new))


def build(
    units: Annotated[list[str] | None, typer.Argument(help="Names or numbers; all units if none is given.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail where a notebook differs.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite notebooks that were edited by hand.")] = False,
) -> None:
    """Build solved notebooks and student releases from the percent sources."""
    course = Course.load()
    errors: list[CourseError] = []
    for unit in course.select(units):
        try:
            built = build_unit(course, unit)
            if check:
                found = differences(built)
                errors += found
                state = "differs" if found else "up to date"
            else:
                if not force:
                    refuse_edited(built)
                changed = [path for path in built.texts() if path in {e.file for e in differences(built)}]
                write_all({path: text for path, text in built.texts().items() if path in changed})
                state = "wrote " + ", ".join(map(short_path, changed)) if changed else "up to date"
            typer.echo(f"{unit.name}: {state}")
        except CourseErrors as several:
            errors += several.errors
        except CourseError as error:
            errors.append(error)
    errors += _map(course, check=check)
    if errors:
        raise CourseErrors(errors)


def _map(course: Course, *, check: bool) -> list[CourseError]:
    """Write notebooks/MAP.md, or say that it is stale; nothing for a course without the signal library."""
    try:
        stale = concepts.differs(course)
        if stale is None:
            return []
        if check:
            return [stale]
        write_all({course.root / concepts.PAGE: concepts.page(course)})
        typer.echo(f"map: wrote {short_path(course.root / concepts.PAGE)}")
    except CourseErrors as several:
        return several.errors
    except CourseError as error:
        return [error]
    return []

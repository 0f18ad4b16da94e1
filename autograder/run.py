"""`course run`: execute the solved notebook of a unit with a profile and record the tables of its experiment."""

import datetime
import json
import os
import re
import sys
import tempfile
import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from autograder.course import Course, Unit
from autograder.errors import CourseError, short_path
from autograder.files import write_all
from autograder.processes import notebook_environment, stop_on_signals
from autograder.source import read_source

# As course_lib/models/trained_weights.py reads them; the grader does not import the models.
KEEP_IN, COMMAND, WEIGHTS = "COURSE_WEIGHTS", "COURSE_COMMAND", Path("course_lib/models/weights")


class Profile(StrEnum):
    """The three sizes of an experiment."""

    smoke = "smoke"
    laptop = "laptop"
    full = "full"


def run(
    unit: Annotated[str, typer.Argument(help="Unit name or number.")],
    profile: Annotated[Profile, typer.Option(help="smoke: seconds. laptop: up to 5 min on a CPU. full: a GPU.")],
    save_html: Annotated[bool, typer.Option("--save-html", help="Keep a page of the executed notebook too.")] = False,
    weights: Annotated[bool, typer.Option("--weights", help="Keep the trained weights in course_lib too.")] = False,
) -> None:
    """Run the experiment of a unit from top to bottom and record its tables in solutions/NN_name/results.json."""
    if weights and profile is Profile.smoke:
        raise CourseError("weights of a smoke run are not trained, and would replace those of the course",
                          mend="run it with --profile laptop or full")
    stop_on_signals()
    course = Course.load()
    chosen = course.unit(unit)
    notebook = read_source(course, chosen)
    runs = course.root / "build" / "runs"
    runs.mkdir(parents=True, exist_ok=True)
    executed = runs / f"{chosen.name}.{profile.value}.ipynb"
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="course-run-") as scratch:
        tables_file = Path(scratch) / "results.json"
        env = notebook_environment(
            Path(scratch), roots=(course.root,), profile=profile.value, results=tables_file,
        )
        if weights:
            env |= {KEEP_IN: str(course.root / WEIGHTS),
                    COMMAND: f"course run {chosen.name} --profile {profile.value} --weights"}
        try:
            execute(notebook, chosen, env, folder=runs)
        except KeyboardInterrupt:
            raise CourseError("interrupted: nothing was recorded") from None
        finally:
            _save(notebook, executed, html=save_html)
        tables = json.loads(tables_file.read_text(encoding="utf-8")) if tables_file.exists() else []
    seconds = time.monotonic() - started
    if not tables:
        raise CourseError(f"{chosen.name} ran, but no cell called ui.results: nothing was recorded", chosen.source,
                          mend='end the experiment with ui.results(...) in a cell tagged "results"')
    record(chosen, profile.value, tables, seconds)
    typer.echo(f"{len(tables)} table{'s' if len(tables) > 1 else ''} recorded in {short_path(chosen.results)} after "
               f"{seconds:.0f} s; executed notebook: {short_path(executed)}")
    typer.echo(f"now `course build {chosen.name}` puts them into the notebooks")


def record(unit: Unit, profile: str, tables: list[dict], seconds: float) -> None:
    """Write the tables of one profile to results.json; what other profiles recorded stays.

    The seconds on record are those that the tables themselves report: the experiments, without the lesson around them.

    Raises:
        CourseError: the present results.json is damaged.
    """
    recorded = {}
    if unit.results.exists():
        try:
            recorded = json.loads(unit.results.read_text(encoding="utf-8"))
        except ValueError:
            recorded = None
        if not isinstance(recorded, dict):
            raise CourseError("not a record of results", unit.results, mend="delete it and run this again")
    spent = sum(table.get("seconds", 0.0) for table in tables)
    kept = ("title", "rows", "seed", "seconds", "claim", "verdict")
    recorded[profile] = {
        "date": datetime.date.today().isoformat(),
        "device": tables[-1].get("device", "unknown"),
        "seed": tables[-1].get("seed"),
        "seconds": round(spent or seconds, 1),
        "tables": [{key: table[key] for key in kept if key in table} for table in tables],
    }
    text = json.dumps(dict(sorted(recorded.items())), indent=2, ensure_ascii=False, allow_nan=False)
    write_all({unit.results: text + "\n"})


def execute(notebook, unit: Unit, env: dict[str, str], *, folder: Path) -> None:
    """Run every cell in a fresh kernel; what cells print appears as they print it.

    Raises:
        CourseError: a cell failed, with its line in the source.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    class Shown(NotebookClient):
        """A client that passes on what the kernel prints."""

        def process_message(self, msg, cell, cell_index):
            if msg["msg_type"] == "stream":
                sys.stdout.write(msg["content"]["text"])
                sys.stdout.flush()
            return super().process_message(msg, cell, cell_index)

    coded = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    place = {index: number for number, index in enumerate(coded, 1)}

    def announce(cell, cell_index: int) -> None:
        if cell_index in place:
            first = next((line for line in cell.source.splitlines() if line.strip() and not line.startswith("#")), "")
            typer.secho(f"[cell {place[cell_index]}/{len(coded)}] {first[:90]}", dim=True)

    before = {key: os.environ.get(key) for key in env}
    os.environ.update(env)  # the kernel manager looks up kernels with the environment of this process
    client = Shown(notebook, timeout=None, kernel_name="python3", on_cell_start=announce,
                   extra_arguments=["--IPKernelApp.log_level=40"], resources={"metadata": {"path": str(folder)}})
    try:
        client.execute(env=env)
    except CellExecutionError as error:
        index = next(i for i in coded if any(o.output_type == "error" for o in notebook.cells[i].get("outputs", [])))
        raise _failed(unit, notebook.cells[index], place[index], f"{error.ename}: {error.evalue}") from None
    except (CellTimeoutError, DeadKernelError) as error:
        raise CourseError(f"the kernel died: {error}", unit.source, mend="is there enough memory?") from None
    except NoSuchKernel as error:
        raise CourseError(str(error), mend="run `make env`") from None
    finally:
        for key, value in before.items():
            os.environ.pop(key, None) if value is None else os.environ.__setitem__(key, value)


def _failed(unit: Unit, cell, number: int, said: str) -> CourseError:
    """The fault of a cell, with the source line that raised it where the traceback tells it."""
    line = cell.metadata.get("course", {}).get("line")
    output = next(o for o in cell.outputs if o.output_type == "error")
    trace = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(output.traceback))
    inside = re.findall(r"Cell In\[\d+\], line (\d+)", trace)
    if line is not None and inside:
        line += int(inside[-1])
    typer.echo(trace, err=True)
    return CourseError(f"cell {number} failed: {' '.join(said.split())[:300]}", unit.source, line,
                       "nothing was recorded; mend the cell and run again")


def _save(notebook, path: Path, *, html: bool) -> None:
    """Keep the executed notebook, and a page of it."""
    import nbformat

    write_all({path: nbformat.writes(notebook) + "\n"})
    if html:
        from nbconvert import HTMLExporter

        page, _ = HTMLExporter().from_notebook_node(notebook)
        write_all({path.with_suffix(".html"): page})

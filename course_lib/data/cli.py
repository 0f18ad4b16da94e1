"""`course data`: list, fetch, verify and make data sets."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from course_lib.data.errors import DataError

app = typer.Typer(help="List, fetch, verify and generate the course's data sets.", no_args_is_help=True)


def _one_line_errors(command: Callable) -> Callable:
    """Show what goes wrong in one line on stderr and exit with 1."""

    @functools.wraps(command)
    def wrapped(*args, **options):
        try:
            return command(*args, **options)
        except (DataError, ValueError, OSError) as error:
            print(f"course data: {error}", file=sys.stderr)
            raise typer.Exit(1) from None

    return wrapped


@app.command("list")
@_one_line_errors
def list_sets() -> None:
    """Show the registered sets: size, licence and what is on this machine."""
    from rich.console import Console
    from rich.table import Table

    from course_lib.data.registry import datasets
    from course_lib.data.store import cache_folder, mirror

    table = Table("name", "what", "files", "MB", "licence", "here", padding=(0, 1))
    table.columns[0].no_wrap = True
    for entry in datasets().values():
        table.add_row(
            entry.name, entry.title, str(entry.files), f"{entry.bytes / 1e6:.1f}", entry.licence, _present(entry)
        )
    Console().print(table)
    print(f"cache   {cache_folder()}")
    print(f"mirror  {mirror() or 'none (set COURSE_DATA_MIRROR to a folder or URL)'}")


@app.command()
@_one_line_errors
def fetch(
    name: Annotated[str, typer.Argument(help="a name of `course data list`")],
    pattern: Annotated[str, typer.Option(help="shell pattern for the file names")] = "*",
) -> None:
    """Fetch a set, or the files of it that match a pattern, and verify them."""
    from course_lib.data.store import load

    paths = load(name, pattern)
    print(f"{name}: {len(paths)} files verified, {sum(p.stat().st_size for p in paths) / 1e6:.1f} MB")


@app.command()
@_one_line_errors
def verify(
    name: Annotated[str | None, typer.Argument(help="a name of `course data list`; all sets without it")] = None,
) -> None:
    """Compare local files with their checksums, without network. Exits with 1 where a file is damaged."""
    from rich.console import Console
    from rich.table import Table

    from course_lib.data import store
    from course_lib.data.registry import datasets

    table = Table("name", "cache", "mirror", "absent", "damaged", "first damaged file")
    damaged = 0
    for set_name in [name] if name else datasets():
        report = store.verify(set_name)
        damaged += len(report["damaged"])
        counts = [str(len(report[where])) for where in ("cache", "mirror", "absent", "damaged")]
        table.add_row(set_name, *counts, next(iter(report["damaged"]), ""))
    Console().print(table)
    if damaged:
        raise DataError(f"{damaged} damaged; delete them and run `course data fetch`, or mend the mirror")


@app.command()
@_one_line_errors
def make(
    name: Annotated[str, typer.Argument(help="a set that has a generated stand-in")],
    out: Annotated[Path, typer.Option(help="folder to write to")] = Path("build/generated"),
    seed: Annotated[int, typer.Option(help="another seed gives other takes")] = 0,
    takes: Annotated[int, typer.Option(help="takes per speaker and digit (spoken_digits)")] = 10,
) -> None:
    """Write the generated stand-in of a set as files (wav, json) to OUT/NAME."""
    from course_lib.data.export import WRITERS
    from course_lib.data.registry import dataset

    dataset(name)
    if name not in WRITERS:
        raise DataError(f"{name} has no generated stand-in; there are {', '.join(WRITERS)}")
    folder = out / name
    count = WRITERS[name](folder, seed=seed, takes=takes)
    print(f"{name}: {count} generated files in {folder}")


def _present(entry) -> str:
    """How many files are in the cache or a folder mirror, counted without reading them."""
    from course_lib.data.store import local_count

    count = local_count(entry)
    return "all" if count == entry.files else "none" if count == 0 else f"{count} files"

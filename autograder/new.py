"""`course new`: the skeleton of a unit, which passes the builder and fails the audit until it is filled."""

import keyword
import re
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from autograder.course import COURSE_FILE, UNIT_NAME, Course, CourseError
from autograder.errors import short_path
from autograder.files import write_all
from autograder.release import make_release
from autograder.source import solved_notebook

EXERCISE = "set_rms"
SUBMODULES = re.compile(r"submodules=\[([^\]]*)\]")
PLACEHOLDER = "TO" + "DO"  # the audit's prose gate fails on each until it is written


def new(
    name: Annotated[str, typer.Argument(help="Two digits and a lower-case word: 03_cqt.")],
    title: Annotated[str, typer.Option(help="The title; made from the name if not given.")] = "",
    part: Annotated[int | None, typer.Option(help="The part; that of the unit before it if not given.")] = None,
) -> None:
    """Make the skeleton of a unit: source, checks, tests, and its entry in course.toml."""
    course = Course.load()
    texts = skeleton(course, name, title=title, part=part)
    write_all(texts)
    for path in texts:
        typer.echo(f"wrote {short_path(path)}")
    typer.echo(f"Fill each {PLACEHOLDER}, then: course build {name} && course audit {name}")


def skeleton(course: Course, name: str, *, title: str = "", part: int | None = None) -> dict[Path, str]:
    """Path → text of everything that a new unit needs, tried out in memory.

    Raises:
        CourseError: the name is malformed or taken, the part is unknown, or a file is in the way.
    """
    if not UNIT_NAME.fullmatch(name):
        raise CourseError(f"{name!r} is not a unit name", mend="two digits and a lower-case word: 03_cqt")
    taken = [unit.name for unit in course.units.values() if unit.number == name[:2]]
    if taken:
        raise CourseError(f"the number {name[:2]} belongs to {taken[0]}", mend="choose another number")
    before = [unit for unit in course.units.values() if unit.number < name[:2]]
    values = {
        "name": name, "number": str(int(name[:2])), "checks": _checks_name(name), "todo": PLACEHOLDER,
        "title": (title or name[3:].replace("_", " ").capitalize()).replace("\\", "\\\\").replace('"', '\\"'),
        "part": part if part is not None else before[-1].part if before else min(course.parts),
        "prerequisites": f'"{before[-1].name}"' if before else "",
    }
    toml = _with_entry(course, name, _fill("course", values))
    grown = Course.parse(course.root, toml)
    unit = grown.units[name]
    answers = unit.tests / EXERCISE
    texts = {
        unit.source: _fill("source", values),
        unit.checks_file: _fill("checks", values),
        answers / "right_norm.py": _fill("right_norm", values),
        answers / "wrong_peak.py": _fill("wrong_peak", values),
    }
    for path in texts:
        if path.exists():
            raise CourseError("is in the way", path, None, "choose another name, or delete it")
    make_release(solved_notebook(grown, unit, texts[unit.source]))
    register = unit.checks_file.with_name("__init__.py")
    return texts | {register: _registered(register, unit.checks), course.root / COURSE_FILE: toml}


def _checks_name(name: str) -> str:
    """The module of checks: the name without its number."""
    checks = name[3:]
    if not checks.isidentifier() or keyword.iskeyword(checks) or checks == "core":
        raise CourseError(f"{checks!r} cannot name a module of checks", mend="choose a name like 03_cqt")
    return checks


def _fill(template: str, values: dict) -> str:
    text = files("autograder").joinpath(f"templates/unit/{template}.tmpl").read_text(encoding="utf-8")
    return Template(text).substitute(values)


def _with_entry(course: Course, name: str, entry: str) -> str:
    """course.toml with the new entry before the first unit of a higher number."""
    text = (course.root / COURSE_FILE).read_text(encoding="utf-8")
    after = next((unit for unit in course.units.values() if unit.number > name[:2]), None)
    heading = re.search(rf'^\[units\."?{re.escape(after.name)}"?\]', text, re.M) if after else None
    if heading is None:
        return text.rstrip("\n") + "\n\n" + entry
    return text[: heading.start()] + entry + "\n" + text[heading.start():]


def _registered(path: Path, checks: str) -> str:
    """course_lib/checks/__init__.py with the new module in its list of lazy submodules."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise CourseError("is missing", path, None, "take it back from git") from None
    found = SUBMODULES.search(text)
    if found is None:
        raise CourseError("has no list `submodules=[…]`", path, None, f'write submodules=["{checks}"]')
    names = sorted({*re.findall(r'"(\w+)"', found[1]), checks})
    listed = ", ".join(f'"{n}"' for n in names)
    return text[: found.start()] + f"submodules=[{listed}]" + text[found.end():]

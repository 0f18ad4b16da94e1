"""`course.toml`, the one list of units, as validated dataclasses."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.errors import CourseError, closest, raise_all

__all__ = ["Course", "CourseError", "Unit", "entry_line", "find_root"]

COURSE_FILE = "course.toml"
UNIT_NAME = re.compile(r"\d\d_[a-z0-9]+(_[a-z0-9]+)*")
REQUIRED: dict[str, type | tuple[type, ...]] = {
    "title": str, "part": int, "minutes": int, "points": (int, float), "device": str, "data": list,
    "prerequisites": list, "objectives": list, "checks": str,
}


@dataclass(frozen=True)
class Unit:
    """One entry `[units.NN_name]` of course.toml, with the paths that follow from its name."""

    root: Path = field(repr=False)
    name: str
    title: str
    part: int
    minutes: int
    points: float
    device: str
    data: tuple[str, ...]
    prerequisites: tuple[str, ...]
    objectives: tuple[str, ...]
    checks: str

    @property
    def number(self) -> str:
        """The two digits in front of the name."""
        return self.name[:2]

    @property
    def source(self) -> Path:
        """The percent script, the only file anyone edits."""
        return self.root / "solutions" / self.name / f"{self.name}.py"

    @property
    def solved(self) -> Path:
        """The built notebook with solutions."""
        return self.source.with_suffix(".ipynb")

    @property
    def release(self) -> Path:
        """The built student notebook."""
        return self.root / "notebooks" / self.name / f"{self.name}.ipynb"

    @property
    def tests(self) -> Path:
        """The folder of named right and wrong answers."""
        return self.root / "tests" / "units" / self.name

    @property
    def results(self) -> Path:
        """The recorded tables of the experiment, written by `course run`."""
        return self.source.with_name("results.json")

    @property
    def checks_file(self) -> Path:
        """The module of checks."""
        return self.root / "course_lib" / "checks" / f"{self.checks}.py"


@dataclass(frozen=True)
class Course:
    """The whole of course.toml; `units` keeps the order of the file."""

    root: Path
    title: str
    subtitle: str
    repository: str
    branch: str
    parts: dict[int, str]
    units: dict[str, Unit]

    @classmethod
    def load(cls, root: Path | str | None = None) -> "Course":
        """Read and validate course.toml of `root`, or of the checkout around the working directory.

        Raises:
            CourseError: no course.toml, not TOML, or an entry that is missing or of the wrong kind: with its line.
        """
        root = find_root() if root is None else Path(root).resolve()
        file = root / COURSE_FILE
        try:
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise CourseError(f"cannot be read: {error}", file) from None
        return cls.parse(root, text)

    @classmethod
    def parse(cls, root: Path, text: str) -> "Course":
        """`load` of a text that need not be on the disk."""
        file = root / COURSE_FILE
        try:
            entries = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            raise CourseError(f"not valid TOML: {error}", file, int(line[1]) if line else None) from None
        return _Reader(root, file, text).course(entries)

    def unit(self, name: str) -> Unit:
        """The unit called `name`; its number alone ("12") will do.

        Raises:
            CourseError: there is none, with the closest names.
        """
        if name in self.units:
            return self.units[name]
        numbered = [u for u in self.units.values() if u.number == name.zfill(2)]
        if len(numbered) == 1:
            return numbered[0]
        raise CourseError(f"there is no unit {name!r}", mend=closest(name, self.units))

    def select(self, names: list[str] | None) -> list[Unit]:
        """The named units, or all of them."""
        return [self.unit(name) for name in names] if names else list(self.units.values())

    def neighbours(self, unit: Unit) -> tuple[Unit | None, Unit | None]:
        """The units before and after `unit` in the order of course.toml."""
        order = list(self.units.values())
        at = order.index(unit)
        return order[at - 1] if at else None, order[at + 1] if at + 1 < len(order) else None


def find_root(start: Path | None = None) -> Path:
    """The nearest folder upwards that holds course.toml.

    Raises:
        CourseError: none does.
    """
    start = (start or Path.cwd()).resolve()
    for folder in (start, *start.parents):
        if (folder / COURSE_FILE).is_file():
            return folder
    raise CourseError(f"no {COURSE_FILE} in {start} or above it", mend="run this in a checkout of the course")


class _Reader:
    """Turns the parsed TOML into dataclasses and remembers where each entry stands in the text."""

    def __init__(self, root: Path, file: Path, text: str):
        self.root, self.file, self.lines = root, file, text.splitlines()
        self.errors: list[CourseError] = []

    def course(self, entries: dict[str, Any]) -> Course:
        head = entries.get("course", {})
        for key in ("title", "subtitle", "repository", "branch"):
            if not isinstance(head.get(key), str) or not head[key].strip():
                self.fault("course", None, f"[course] has no {key}", f'add {key} = "…"')
        parts = self.parts(entries.get("parts", {}))
        units: dict[str, Unit] = {}
        seen: list[str] = []
        for name, entry in entries.get("units", {}).items():
            unit = self.unit(name, entry, parts, seen)
            seen.append(name)
            if unit is not None:
                units[name] = unit
        raise_all(self.errors)
        head = {key: head[key].strip() for key in ("title", "subtitle", "repository", "branch")}
        head["repository"] = head["repository"].removesuffix("/").removesuffix(".git")
        return Course(self.root, parts=parts, units=units, **head)

    def parts(self, entries: dict[str, Any]) -> dict[int, str]:
        for key in entries:
            if not key.isdecimal():
                self.fault("parts", key, f"part {key!r} is not a number", 'write 1 = "Signals"')
        return {int(key): str(title) for key, title in entries.items() if key.isdecimal()}

    def unit(self, name: str, entry: dict[str, Any], parts: dict[int, str], before: list[str]) -> Unit | None:
        section, faults = f"units.{name}", len(self.errors)
        if not UNIT_NAME.fullmatch(name):
            self.fault(section, None, f"{name!r} is not a unit name", "two digits and a lower-case word: 02_stft")
        for key, kind in REQUIRED.items():
            if key not in entry:
                self.fault(section, None, f"{name} has no {key}", f"add `{key} = …` below [{section}]")
            elif not isinstance(entry[key], kind) or isinstance(entry[key], bool):
                wanted = {str: "a text", int: "a whole number", list: "a list of texts"}.get(kind, "a number")
                self.fault(section, key, f"{key} of {name} should be {wanted}, got {entry[key]!r}")
            elif kind is list and not all(isinstance(value, str) and value.strip() for value in entry[key]):
                self.fault(section, key, f"{key} of {name} should be a list of texts")
        for key in entry.keys() - REQUIRED.keys():
            self.fault(section, key, f"{name} has an unknown entry {key!r}", closest(key, REQUIRED))
        if len(self.errors) > faults:
            return None
        self.values(section, name, entry, parts, before)
        lists = {key: tuple(entry[key]) for key, kind in REQUIRED.items() if kind is list}
        return Unit(root=self.root, name=name, **{**entry, **lists})

    def values(self, section: str, name: str, entry: dict, parts: dict[int, str], before: list[str]) -> None:
        if entry["part"] not in parts:
            self.fault(section, "part", f"{name} is in part {entry['part']}, which [parts] does not list")
        if entry["minutes"] <= 0 or entry["points"] <= 0:
            self.fault(section, "minutes", f"minutes and points of {name} must be above 0")
        if not 3 <= len(entry["objectives"]) <= 5:
            self.fault(section, "objectives", f"{name} has {len(entry['objectives'])} objectives", "state 3 to 5")
        if not entry["checks"].isidentifier():
            self.fault(section, "checks", f"checks of {name} is not a module name: {entry['checks']!r}")
        for other in entry["prerequisites"]:
            if other not in before:
                mend = "only earlier units may be prerequisites; " + closest(other, before)
                self.fault(section, "prerequisites", f"{name} builds on {other!r}, which does not stand above it", mend)

    def fault(self, section: str, key: str | None, message: str, mend: str = "") -> None:
        self.errors.append(CourseError(message, self.file, self.line(section, key), mend))

    def line(self, section: str, key: str | None) -> int | None:
        return entry_line(self.lines, section, key)


def entry_line(lines: list[str], section: str, key: str | None) -> int | None:
    """Where `key` stands below the head [section] of a TOML text, counted from 1; else the head; else None."""
    heads = [i for i, line in enumerate(lines) if line.strip().replace('"', "") == f"[{section}]"]
    if not heads:
        return None
    for i in range(heads[0] + 1, len(lines)):
        if lines[i].startswith("["):
            break
        if key is not None and re.match(rf'"?{re.escape(key)}"?\s*=', lines[i].strip()):
            return i + 1
    return heads[0] + 1

"""`grading.toml`, the private settings of a class: due dates, late policy, extra time, names.

    [late]
    grace_minutes = 10          # not late at all up to here
    per_day = 0.1               # of what counts, for each day that has begun
    of = "score"                # what counts: the "score" reached, or the "points" of the unit
    at_most = 0.5               # never more than this share
    nothing_after_days = 7      # then nothing is left

    [units.02_stft]
    due = 2026-11-30T23:59:00+01:00
    canvas_id = 4711            # of the assignment in Canvas, for `course export`

    [students.s123]
    name = "Anna Meier"
    email = "anna@example.org"
    extra_time = 1.5            # factor on the time limits
    extension_hours = 48        # on every due date
    extensions = { 02_stft = 72 }
"""

import re
import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.course import Course, entry_line
from autograder.errors import CourseError, closest, raise_all
from autograder.gradebook.late import LateRule

FILE = "grading.toml"
NUMBER = (int, float)
LATE = {"grace_minutes": NUMBER, "per_day": NUMBER, "of": str, "at_most": NUMBER, "nothing_after_days": NUMBER}
UNIT = {"due": datetime, "canvas_id": int}
STUDENT = {"name": str, "email": str, "extra_time": NUMBER, "extension_hours": NUMBER, "extensions": dict}


@dataclass(frozen=True)
class StudentRule:
    """What one student has been granted; `extensions` are hours by unit, `extension_hours` holds for the others."""

    name: str = ""
    email: str = ""
    extra_time: float = 1.0
    extension_hours: float | None = None
    extensions: dict[str, float] = field(default_factory=dict)

    def extension(self, unit: str) -> timedelta | None:
        """How much later the unit is due; None where nothing is said."""
        hours = self.extensions.get(unit, self.extension_hours)
        return None if hours is None else timedelta(hours=hours)


@dataclass(frozen=True)
class Policy:
    """All of grading.toml; without the file nothing is late and nobody has extra time.

    Args:
        late: what lateness costs; None: nothing.
        due: unit → when, in UTC. A unit that is not named keeps the due date that formgrader gave it.
        canvas: unit → number of its assignment in Canvas.
        students: id → what was granted.
    """

    late: LateRule | None = None
    due: dict[str, datetime] = field(default_factory=dict)
    canvas: dict[str, int] = field(default_factory=dict)
    students: dict[str, StudentRule] = field(default_factory=dict)

    @classmethod
    def load(cls, course: Course) -> "Policy":
        """Read grading.toml in the root of the course, if it is there.

        Raises:
            CourseError: it is not TOML, or an entry is unknown or of the wrong kind: with its line.
        """
        file = course.root / FILE
        if not file.exists():
            return cls()
        try:
            text = file.read_text(encoding="utf-8")
            entries = tomllib.loads(text)
        except (OSError, UnicodeDecodeError) as error:
            raise CourseError(f"cannot be read: {error}", file) from None
        except tomllib.TOMLDecodeError as error:
            line = re.search(r"at line (\d+)", str(error))
            raise CourseError(f"not valid TOML: {error}", file, int(line[1]) if line else None) from None
        return _Reader(file, text, course).policy(entries)

    def student(self, student: str) -> StudentRule:
        """What a student has been granted: by default nothing."""
        return self.students.get(student, StudentRule())


class _Reader:
    """Checks the parsed TOML and remembers every fault, with its line."""

    def __init__(self, file: Path, text: str, course: Course):
        self.file, self.lines, self.course = file, text.splitlines(), course
        self.errors: list[CourseError] = []

    def policy(self, entries: dict[str, Any]) -> Policy:
        for key in entries.keys() - {"late", "units", "students"}:
            self.fault(key, None, f"unknown section {key!r}", closest(key, ("late", "units", "students")))
        late = self.late(entries.get("late"))
        due, canvas, students = {}, {}, {}
        for name, entry in self.tables("units", entries):
            section = f"units.{name}"
            known, found = self.known(section, name), self.table(section, entry, UNIT)
            if known and "due" in found:
                due[known] = self.utc(section, found["due"])
            if known and "canvas_id" in found:
                canvas[known] = found["canvas_id"]
        for student, entry in self.tables("students", entries):
            students[student] = self.student(student, entry)
        raise_all(self.errors)
        return Policy(late, due, canvas, students)

    def late(self, entry: Any) -> LateRule | None:
        found = self.table("late", entry, LATE)
        if found.get("of", "score") not in ("score", "points"):
            self.fault("late", "of", f"of = {found['of']!r}", 'write of = "score" or of = "points"')
        self.in_range("late", found, "per_day", 0, 1)
        self.in_range("late", found, "at_most", 0, 1)
        return None if entry is None else LateRule(**found)

    def student(self, student: str, entry: Any) -> StudentRule:
        section = f"students.{student}"
        found = self.table(section, entry, STUDENT)
        self.in_range(section, found, "extra_time", 1, 100)
        extensions = {}
        for unit, hours in found.pop("extensions", {}).items():
            known = self.known(section, unit, "extensions")
            if not isinstance(hours, NUMBER) or isinstance(hours, bool):
                self.fault(section, "extensions", f"the extension of {unit} should be a number of hours")
            elif known:
                extensions[known] = float(hours)
        return StudentRule(**found, extensions=extensions)

    def tables(self, section: str, entries: dict[str, Any]) -> list[tuple[str, Any]]:
        found = entries.get(section, {})
        if isinstance(found, dict):
            return list(found.items())
        self.fault(section, None, f"{section} should be sections", f"write [{section}.NAME]")
        return []

    def table(self, section: str, entry: Any, kinds: dict[str, Any]) -> dict[str, Any]:
        if entry is None:
            return {}
        if not isinstance(entry, dict):
            self.fault(section, None, f"{section} should be a section", f"write [{section}]")
            return {}
        good = {}
        for key, value in entry.items():
            if key not in kinds:
                self.fault(section, key, f"[{section}] has an unknown entry {key!r}", closest(key, kinds))
            elif not isinstance(value, kinds[key]) or isinstance(value, bool):
                mend = "write due = 2026-11-30T23:59:00+01:00, without quotation marks" if key == "due" else ""
                self.fault(section, key, f"{key} of [{section}] cannot be {value!r}", mend)
            else:
                good[key] = value
        return good

    def known(self, section: str, name: str, key: str | None = None) -> str | None:
        try:
            return self.course.unit(name).name
        except CourseError as error:
            self.fault(section, key, error.message, error.mend)
            return None

    def in_range(self, section: str, entries: dict[str, Any], key: str, low: float, high: float) -> None:
        if key in entries and not low <= entries[key] <= high:
            self.fault(section, key, f"{key} = {entries[key]} should lie between {low} and {high}")

    def utc(self, section: str, when: datetime) -> datetime:
        if when.tzinfo is not None:
            return when.astimezone(UTC)
        self.fault(section, "due", f"the due date {when} has no time zone", "add it: 2026-11-30T23:59:00+01:00")
        return when

    def fault(self, section: str, key: str | None, message: str, mend: str = "") -> None:
        *above, last = section.split(".", 1)
        # An entry may also stand as `name = …` below the head of its parent, or a section only in part.
        places = ((section, key), ("".join(above), last))
        line = next(filter(None, (entry_line(self.lines, *place) for place in places)), None)
        begins = re.compile(rf'(\[|"?){re.escape(section)}\b')
        line = line or next((i for i, text in enumerate(self.lines, 1) if begins.match(text.strip())), None)
        self.errors.append(CourseError(message, self.file, line, mend))

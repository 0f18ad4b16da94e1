"""CSV as spreadsheets and learning platforms read it, in which no cell is a formula."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import CourseError

FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@|%＝＋－＠]")
HARMLESS = re.compile(r"-?\d+([.,]\d+)?|\s*-\s*")
"""A number, and the dash that platforms write where there is none."""
MOST_BYTES = 50 << 20


@dataclass
class Table:
    """A header and rows of texts; a row may be shorter than the header."""

    header: list[str]
    rows: list[list[str]]

    def column(self, *names: str) -> int | None:
        """Where the first of these columns is, upper or lower case; None where none is."""
        lower = [cell.strip().lower() for cell in self.header]
        return next((lower.index(name.lower()) for name in names if name.lower() in lower), None)


def safe(text: str) -> str:
    """A text that a spreadsheet takes as text: what would begin a formula gets an apostrophe in front.

    >>> safe("=1+1"), safe("Anna"), safe("-3.5")
    ("'=1+1", 'Anna', '-3.5')
    """
    text = text.replace("\x00", "")
    return f"'{text}" if FORMULA.match(text) and not HARMLESS.fullmatch(text) else text


def points(value: float) -> str:
    """A grade: at most four digits after the point, none that say nothing."""
    return f"{round(value, 4):.4f}".rstrip("0").rstrip(".")


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The table as text, every cell made safe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe(cell) for cell in header])
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return out.getvalue()


def read_csv(file: Path) -> Table:
    """A table that a platform exported: comma, semicolon or tab; UTF-8, with or without mark, or UTF-16.

    Raises:
        CourseError: it cannot be read, or holds no table.
    """
    try:
        data = file.read_bytes()
        if len(data) > MOST_BYTES:
            raise CourseError(f"is larger than {MOST_BYTES >> 20} MB", file)
        text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise CourseError(f"cannot be read: {error}", file, None, "export it as CSV in UTF-8") from None
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise CourseError(f"is no CSV table: {error}", file) from None
    if not rows or len(rows[0]) < 2:
        raise CourseError("is no table of students", file, None, "export the list of students as CSV")
    return Table(rows[0], rows[1:])

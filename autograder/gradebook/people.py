"""Students: which ids are safe as folder and page names, and what a person is called."""

import re

from autograder.errors import CourseError
from autograder.gradebook import inert

ID = re.compile(r"\w[\w.@+ -]{0,126}")
"""A letter or digit of any script first, or an underscore: nbgrader makes folders, file patterns and pages of an id."""


def check_id(student: str) -> str:
    """The id, if folders and nbgrader's pages can bear it.

    Raises:
        CourseError: it cannot.
    """
    if not ID.fullmatch(student) or student.endswith((" ", ".")):
        raise CourseError(f"{inert.plain(student, 60)!r} cannot be a student's id",
                          mend="letters, digits and . _ - @ + only, at most 127, a letter or digit first")
    return student


def split_name(name: str) -> tuple[str | None, str]:
    """First and last name: "Meier, Anna" and "Anna Meier" alike. One word is a last name.

    >>> split_name("Anna Maria Meier")
    ('Anna Maria', 'Meier')
    >>> split_name("Meier, Anna")
    ('Anna', 'Meier')
    """
    cleaned = inert.name(name)
    if "," in cleaned:
        last, first = (part.strip() for part in cleaned.split(",", 1))
    else:
        first, _, last = cleaned.rpartition(" ")
    return (first or None), last

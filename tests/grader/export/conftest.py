"""The class of tests/grader/gradebook."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "gradebook"))

from gradebook_fixtures import assignment, book, course, first_course

__all__ = ["assignment", "book", "course", "first_course"]

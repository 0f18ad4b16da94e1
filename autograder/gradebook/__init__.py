"""Scores in nbgrader's own gradebook, so that formgrader, feedback and export show them."""

from autograder.gradebook.book import GradeBook, Written
from autograder.gradebook.decision import Entry
from autograder.gradebook.policy import Policy
from autograder.gradebook.totals import Total

__all__ = ["Entry", "GradeBook", "Policy", "Total", "Written"]

"""From files that strangers handed in to plain data: collect them, read them, mend what editors and people damaged."""

from autograder.intake.collect import Collected, collect
from autograder.intake.read import read

__all__ = ["Collected", "collect", "read"]

"""What the states of an exercise are called on the page, and what each means for the student."""

import re
from dataclasses import dataclass

from autograder.model.examination import BROKEN, CRASHED, MANUAL, MISSING, PASSED, REFUSED, TIMEOUT, WRONG

MARKED, MARKED_FULL, PARTLY = "marked", "marked_full", "partly"
"""States that only the page knows: graded by a person, with full points or less; some of its checks passed."""


@dataclass(frozen=True)
class State:
    """A word for a result.

    Args:
        word: on the badge.
        look: CSS class and icon: "good", "bad", "none", "stop", "wait", "ours".
        meaning: what it means and what usually causes it, or "".
        otherwise: what to say where the check said nothing.
    """

    word: str
    look: str
    meaning: str = ""
    otherwise: str = ""


STATES = {
    PASSED: State("passed", "good"),
    PARTLY: State("partly passed", "stop"),
    WRONG: State("not yet right", "bad", otherwise="The check did not accept this answer."),
    MISSING: State("no answer", "none", otherwise="No answer was found for this exercise."),
    CRASHED: State("stopped", "stop", "The process that ran your code ended before the check was done. The usual "
                   "causes: far more memory than the exercise needs, or a call of `exit()`."),
    TIMEOUT: State("too slow", "stop", "Your code gave no answer in time. The usual causes: a loop that never ends, or "
                   "a loop over samples where one array operation would do."),
    REFUSED: State("not accepted", "stop", otherwise="This could not be graded."),
    MANUAL: State("being marked", "wait", "A person reads this answer; the points come later."),
    BROKEN: State("our mistake", "ours", "The check itself failed. That is a fault of the course, not of your answer: "
                  "your instructor has been told, and it will be graded again."),
    MARKED: State("marked", "wait"),
    MARKED_FULL: State("marked", "good"),
}
WORST_FIRST = (BROKEN, CRASHED, TIMEOUT, REFUSED, WRONG, MISSING, MANUAL, PASSED)
SENTENCE = re.compile(r"(the|your|you|every|each|it|this|an?|no|nothing|two|some) ")


def sentence(text: str) -> str:
    """A message with a capital in front, unless it begins with a name from the program."""
    return text[:1].upper() + text[1:] if SENTENCE.match(text) else text

"""From the text of an answer to code that can run: magics and lines of prose are set aside, and said."""

import re

from autograder.intake import say
from autograder.intake.answers import Found
from autograder.intake.magics import clean
from autograder.intake.names import MAX_CODE, names_of, parse
from autograder.model.submission import Repair

MAX_LINES = 30
HARMLESS = re.compile(r"[!%]{1,2}\s*(uv )?(pip|conda|mamba|cd|ls|pwd|cat|nvidia-smi|wget|apt|apt-get|env|git)\b")


def runnable(found: Found) -> tuple[str, list[Repair]]:
    """The code of an answer, and what was changed in it."""
    cleaned = clean(found.source)
    repairs = []
    if cleaned.dropped:
        doubtful = not all(HARMLESS.match(line) for line in cleaned.dropped)
        what = say.dropped(f"the answer of `{found.task.grade_id}`", cleaned.dropped)
        repairs.append(Repair(what, found.task.grade_id, doubtful))
    source, prose = without_prose(cleaned.source, found.task.names)
    if prose:
        repairs.append(Repair(say.set_aside(found.task, prose), found.task.grade_id, True))
    return source, repairs


def without_prose(source: str, names: frozenset[str]) -> tuple[str, list[str]]:
    """Turn lines at the top level that are not Python into comments, if then all parses and defines `names`.

    Returns:
        the code and the lines; the code unchanged and none where that is not enough.
    """
    if len(source) > MAX_CODE or parse(source) is not None:
        return source, []
    lines, aside = source.split("\n"), []
    for _ in range(MAX_LINES):
        try:
            compile("\n".join(lines), "cell", "exec", dont_inherit=True)
        except SyntaxError as error:
            at = (error.lineno or 0) - 1
            if not 0 <= at < len(lines) or not lines[at].strip() or lines[at][0] in " \t#@":
                break
            if re.match(r"(async +)?(def|class)\b", lines[at]):
                break
            aside.append(lines[at])
            lines[at] = "# " + lines[at]
        except (ValueError, MemoryError, RecursionError, OverflowError):
            break
        else:
            text = "\n".join(lines)
            return (text, aside) if names <= names_of(text).binds else (source, [])
    return source, []

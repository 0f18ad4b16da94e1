"""What a student sees of a failed check."""

from course_lib.checks.core import CheckFailed
from course_lib.checks.core.failure import WIDTH


def test_a_message_is_wrapped_between_words_and_keeps_its_own_lines():
    words = " ".join(f"word{i}" for i in range(60))
    shown = CheckFailed(words + "\nsecond line")._render_traceback_()
    assert shown[0].startswith("✗ word0 ")
    assert shown[-1] == "  second line"
    assert all(len(line) <= WIDTH + 2 for line in shown)
    assert " ".join(line[2:] for line in shown[:-1]) == words


def test_the_message_itself_is_not_changed():
    assert str(CheckFailed("a" * 300)) == "a" * 300

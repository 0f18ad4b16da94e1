"""What a recogniser of letters writes: 26 letters, apostrophe and space, as class indices; class 0 is the CTC blank.

The alphabet is that of Deep Speech 2 and of LibriSpeech's transcripts. Used in unit 13_deep_speech.
"""

from collections.abc import Sequence

from course_lib.data.views.digits import WORDS

ALPHABET = "-abcdefghijklmnopqrstuvwxyz' "
"""Class → character; the first stands for the blank and is never part of a text."""

BLANK, SPACE, LETTER_CLASSES = 0, ALPHABET.index(" "), len(ALPHABET)
_CLASS = {letter: k for k, letter in enumerate(ALPHABET) if k != BLANK}


def to_letters(text: str) -> list[int]:
    """Class indices of a text, upper or lower case.

    Raises:
        ValueError: a character outside of the alphabet.

    >>> to_letters("a b")
    [1, 28, 2]
    """
    try:
        return [_CLASS[letter] for letter in text.lower()]
    except KeyError as error:
        raise ValueError(f"{error.args[0]!r} in {text!r} is not in the alphabet {ALPHABET[1:]!r}") from None


def to_text(classes: Sequence[int]) -> str:
    """The text of a label (class indices without blanks).

    Raises:
        ValueError: a class that is no letter: the blank, or one outside of the alphabet.

    >>> to_text([1, 28, 2])
    'a b'
    """
    for k in classes:
        if not BLANK < k < LETTER_CLASSES:
            raise ValueError(f"{k} is no letter: a label holds 1 … {LETTER_CLASSES - 1}; collapse a path first")
    return "".join(ALPHABET[k] for k in classes)


def spelled(digits: Sequence[int]) -> str:
    """Digits as words with a space between: what a recogniser of letters has to write.

    >>> spelled([3, 1])
    'three one'
    """
    return " ".join(WORDS[digit] for digit in digits)

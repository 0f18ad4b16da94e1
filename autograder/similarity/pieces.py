"""An answer becomes a set of fingerprints of its pieces, which survive renaming, reformatting and reordering."""

import ast
import hashlib
import re
import warnings
from dataclasses import dataclass

from autograder.similarity.normalise import Normaliser

__all__ = ["Piece", "code_pieces", "lines_of", "prose_pieces"]

MOST_CHARACTERS = 60_000
LEAST_NODES = 6
"""Smaller pieces of a syntax tree (`x[0]`, `len(x)`) are in every program."""
TOKENS_IN_A_ROW = 12
WORDS_IN_A_ROW = 5
MAGIC = re.compile(r"^(\s*)[%!?].*$", re.MULTILINE)
TOKEN = re.compile(r"\w+|[^\w\s]")
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of an answer.

    Args:
        mark: equal for equal parts.
        first, last: its lines, from 1.
    """

    mark: int
    first: int
    last: int


def lines_of(source: str) -> list[str]:
    """The lines of an answer as Python counts them."""
    return re.split("\r\n|\r|\n", source[:MOST_CHARACTERS])


def code_pieces(source: str) -> list[Piece]:
    """The subtrees of an answer's normalised syntax tree; runs of tokens where it is not Python.

    The answer is only parsed, never run; an answer that no parser survives is compared by its tokens.
    """
    text = MAGIC.sub(r"\1pass", "\n".join(lines_of(source)))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" of a student
            tree = ast.parse(text)
        found = Normaliser(tree).subtrees(LEAST_NODES)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return _runs(text, TOKEN, TOKENS_IN_A_ROW, "token")
    return [Piece(_mark(shape), first, last) for shape, first, last in found]


def prose_pieces(text: str) -> list[Piece]:
    """Every five words in a row of an answer in words."""
    return _runs("\n".join(lines_of(text)).casefold(), WORD, WORDS_IN_A_ROW, "word")


def _runs(text: str, pattern: re.Pattern, length: int, kind: str) -> list[Piece]:
    words = [(word, at) for at, line in enumerate(text.split("\n"), 1) for word in pattern.findall(line)]
    return [
        Piece(_mark(f"{kind} " + " ".join(word for word, _ in words[i: i + length])), words[i][1],
              words[i + length - 1][1])
        for i in range(len(words) - length + 1)
    ]


def _mark(shape: str | bytes) -> int:
    data = shape if isinstance(shape, bytes) else shape.encode("utf-8", "replace")
    return int.from_bytes(hashlib.blake2b(data, digest_size=8).digest(), "big")

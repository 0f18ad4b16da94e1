"""Texts of strangers: bytes to characters, one form of line ends, two texts compared without regard to layout."""

import codecs
import json
import re
from typing import Any

MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
         (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Lone surrogates cannot be written as UTF-8; PostgreSQL refuses NUL.
UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


def encoding_of(data: bytes) -> tuple[str, str | None]:
    """The encoding of a file, and its name for people where it is not plain UTF-8 or may be something else."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return name, name.upper().removesuffix("-SIG") + " with a byte order mark"
    guess = json.detect_encoding(data[:4])
    return guess, None if guess == "utf-8" else guess.upper()


def one_byte(data: bytes, encoding: str) -> bytes:
    """The same text as UTF-8 if it is UTF-16 or UTF-32; without the mark in front."""
    if encoding.startswith(("utf-16", "utf-32")):
        return data.decode(encoding, errors="replace").encode("utf-8", errors="replace")
    return data.removeprefix(codecs.BOM_UTF8)


def decode(data: bytes) -> tuple[str, str | None]:
    """The text of UTF-8, else of Windows-1252, which is then named."""
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "Windows-1252"


def clean_text(text: str) -> str:
    """Without characters that a file or a database cannot hold; every line end is "\\n"."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return UNWRITABLE.sub("\ufffd", text)


def source_text(raw: Any) -> str:
    """The text of a cell: a string or a list of lines, which some programs write without their line ends."""
    if isinstance(raw, list):
        lines = [line for line in raw if isinstance(line, str)]
        bare = len(lines) > 1 and not any(line.endswith("\n") for line in lines)
        raw = ("\n" if bare else "").join(lines)
    return clean_text(raw) if isinstance(raw, str) else ""


def normal(text: str) -> str:
    """A form in which two texts are equal that differ in trailing blanks and blank lines only."""
    return "\n".join(line.rstrip() for line in text.split("\n") if line.strip())

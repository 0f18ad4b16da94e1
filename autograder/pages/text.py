"""Make hostile text harmless to look at: no escape codes, no hidden direction changes, no flood."""

import re
import unicodedata

from markupsafe import Markup, escape

__all__ = ["clip", "inline_code", "plain", "without_paths"]

ANSI = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)?"  # titles, links, device strings
    r"|\x1b[ -/]*[0-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
)
BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
FORBIDDEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"
    "\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # direction and other invisible marks
    "\ud800-\udfff\ufffe\uffff\U000e0000-\U000e0fff]"
)
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
MOST_MARKS = 3
"""Accents kept on one letter: more of them are drawn over the lines above and below."""
ACCENTS = r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
PILED_UP = re.compile(f"({ACCENTS}{{{MOST_MARKS}}}){ACCENTS}+")
POSIX_PATH = re.compile(r"(?<![\w.\-/<…])~?(?:/[\w.+@\-]+)+/([\w.+@\-]+)/?")
HOME_FILE = re.compile(r"(?<![\w.\-/<…])~/([\w.+@\-]+)")
WINDOWS_PATH = re.compile(r"(?<!\w)[A-Za-z]:\\(?:[\w.+@ \-]+\\)*([\w.+@\-]+)")
CODE = re.compile(r"`([^`\n]{1,300})`")


def plain(text: object) -> str:
    """`text` as printable Unicode: escape sequences dropped, line ends unified, what is invisible shown as �.

    Right-to-left letters stay; the marks that reorder their neighbours do not. Idempotent.
    """
    text = ANSI.sub("", str(text))
    text = BREAKS.sub("\n", text)
    text = FORBIDDEN.sub(REPLACEMENT, text)
    if not text.isascii():
        text = PILED_UP.sub(r"\1", unicodedata.normalize("NFC", text))
    return text


def clip(text: object, characters: int, lines: int = 60) -> str:
    """The head and the tail of `plain(text)`, at most about `characters` long, saying what was left out.

    Only as much is looked at as may be shown, so that 200 MB cost nothing.
    """
    text = str(text)
    if len(text) > 8 * characters:
        left_out = len(text) - 8 * characters
        text = text[: 6 * characters] + text[-2 * characters:]
    else:
        left_out = 0
    text = plain(text).strip("\n")
    rows = text.split("\n")
    if len(rows) > lines:
        head, tail = rows[: lines - lines // 4], rows[len(rows) - lines // 4:]
        text = "\n".join([*head, f"[… {len(rows) - len(head) - len(tail)} lines left out …]", *tail])
    if len(text) > characters or left_out:
        keep = min(characters, len(text))
        left_out += len(text) - keep
        tail = keep // 4
        text = f"{text[: keep - tail]}\n[… {left_out} characters left out …]\n{text[len(text) - tail:]}"
    return text


def without_paths(text: str) -> str:
    """`text` with every absolute path cut down to its last name: `/home/a/course/x.py` → `…/x.py`."""
    text = POSIX_PATH.sub(r"…/\1", text)
    text = HOME_FILE.sub(r"…/\1", text)
    return WINDOWS_PATH.sub(r"…/\1", text)


def inline_code(text: str) -> Markup:
    """Escaped text in which `words between backticks` are set as code."""
    parts, at = [], 0
    for hit in CODE.finditer(text):
        parts += [escape(text[at: hit.start()]), Markup("<code>"), escape(hit[1]), Markup("</code>")]
        at = hit.end()
    return Markup("").join([*parts, escape(text[at:])])

"""Text of strangers that a browser will show: nothing in it may become markup, a script or a link that runs."""

import html
import re
from collections.abc import Container

TAG = re.compile(r"<(?=[A-Za-z/!?])")
ENTITY = re.compile(r"&(?=#|[A-Za-z][A-Za-z0-9]*;)")
SCHEME = re.compile(r"(javascript|vbscript|data|file|blob)([\\\s]*):", re.IGNORECASE)
ATTACHMENT = re.compile(r"(attachment)([\\\s]*):([A-Za-z0-9._-]*)", re.IGNORECASE)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, terminal colours, what turns the direction of text around, and halves of characters."""
BREAK = "\u200b"
"""A space of no width: nobody sees it, and a browser no longer reads a tag, an entity or a scheme."""


def inert_markdown(source: str, attachments: Container[str] = (), limit: int | None = None) -> str:
    """Markdown that looks the same, but in which raw HTML is text and no link runs code.

    Args:
        attachments: the pictures that there are; nbconvert refuses a page that names another one.
        limit: the most characters; the middle of a longer text goes.
    """
    source = plain(source, limit)
    source = TAG.sub("<" + BREAK, source)
    source = ENTITY.sub("&" + BREAK, source)
    source = SCHEME.sub(rf"\1{BREAK}\2:", source)

    def checked(found: re.Match) -> str:
        there = found[3] in attachments
        return found[0] if there else f"{found[1]}{BREAK}{found[2]}:{found[3]}"

    return ATTACHMENT.sub(checked, source)


def plain(text: str, limit: int | None = None) -> str:
    """Text without control characters; cut in the middle beyond `limit` characters, saying so."""
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    if limit is None or len(text) <= limit:
        return text
    return f"{text[: limit * 2 // 3]}\n[… {len(text) - limit} characters left out …]\n{text[-limit // 3:]}"


def name(text: str) -> str:
    """A person's name for pages that do not escape: without markup and control characters, at most 100 characters."""
    return " ".join(re.sub(r'[<>"&`\\{}]', "", plain(html.unescape(text))).split())[:100]

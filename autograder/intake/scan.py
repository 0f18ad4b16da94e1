"""Cut the outputs out of a notebook's JSON text (UTF-8, or at least a superset of ASCII) before it is parsed.

Outputs may be a hundred times as large as all the rest (players, figures, a loop that printed), and nobody needs them.
Without them the text is small, so that parsing it cannot take much memory. Every step moves forward: time is linear.
"""

import re

STRING = rb'"(?:[^"\\]++|\\.)*+'
STOP = re.compile(rb'"(?:outputs|widgets)"\s*+:\s*+[\[{]|' + STRING + rb'(?P<end>"|\\?\Z)', re.S)
PLAIN = re.compile(rb'(?:[^"\[\]{}]++|' + STRING + rb'")*+', re.S)
QUOTE = ord('"')
MAX_BRACKETS = 2_000_000


class TooIntricateError(ValueError):
    """More brackets than any honest notebook has."""


def shed_outputs(text: bytes) -> bytes:
    """`text` with every array or object called `outputs` or `widgets` emptied; what is damaged stays as it is.

    Raises:
        TooIntricateError: outputs of millions of brackets.
    """
    kept: list[bytes] = []
    begin = at = 0
    while found := STOP.search(text, at):
        at = found.end()
        if found["end"] == b'"':
            continue
        if found["end"] is not None:  # a string that never ends
            break
        end = _closing(text, at)
        if end is None:
            break
        kept.append(text[begin:at])
        begin = at = end
    return b"".join([*kept, text[begin:]])


def _closing(text: bytes, at: int) -> int | None:
    """Where the bracket closes that was opened just before `at`; None if it does not."""
    depth = 1
    for _ in range(MAX_BRACKETS):
        at = PLAIN.match(text, at).end()
        if at >= len(text) or text[at] == QUOTE:
            return None
        depth += 1 if text[at] in b"[{" else -1
        if depth == 0:
            return at
        at += 1
    raise TooIntricateError(f"more than {MAX_BRACKETS} brackets in the outputs of one cell")

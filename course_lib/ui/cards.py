"""Folded text: hints and cards. They are Markdown, so mathematics and code inside them render."""

from course_lib.ui.display import escape, publish_bundle


def hint(text: str, *, title: str = "Hint") -> None:
    """Display `text` (Markdown) folded under `title`.

    Used from unit 00_start on.
    """
    _folded(title, text, opened=False)


def card(title: str, text: str, *, opened: bool = True) -> None:
    """Display `text` (Markdown) under `title`; a click on the title folds it.

    Used from unit 00_start on.
    """
    _folded(title, text, opened=opened)


def _folded(title: str, text: str, *, opened: bool) -> None:
    if not title.strip() or not text.strip():
        raise ValueError("a card needs a title and a text.")
    state = " open" if opened else ""
    # The blank lines make Markdown render what stands inside the HTML element.
    markdown = f"<details{state}><summary><strong>{escape(title)}</strong></summary>\n\n{text.strip()}\n\n</details>"
    publish_bundle({"text/markdown": markdown, "text/plain": f"{title}\n{text.strip()}"})

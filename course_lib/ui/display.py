"""Publishing HTML: one place that hands output to the notebook, with a text form for terminals and PDF."""

import html


def publish(markup: str, *, text: str, display_id: str | None = None, update: bool = False) -> None:
    """Display `markup` (HTML); front ends without HTML show `text`.

    Args:
        markup: the HTML.
        text: the same in plain words.
        display_id: name of this output, to replace it later with `update=True`.
    """
    publish_bundle({"text/html": markup, "text/plain": text}, display_id=display_id, update=update)


def publish_bundle(
    bundle: dict, *, metadata: dict | None = None, display_id: str | None = None, update: bool = False
) -> None:
    """Display a MIME bundle: each front end shows the richest of its forms that it can render."""
    from IPython import get_ipython
    from IPython.display import display

    if get_ipython() is None:  # a script: its reader has a terminal
        print(bundle.get("text/plain", ""))
        return
    named = {"display_id": display_id} if display_id else {}
    display(bundle, raw=True, metadata=metadata or {}, update=update, **named)


def escape(text: object) -> str:
    """`text` made safe inside HTML and its attributes."""
    return html.escape(str(text), quote=True)

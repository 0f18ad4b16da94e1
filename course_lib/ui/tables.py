"""Tables that read well on a dark page, on a phone and by ear."""

from collections.abc import Mapping, Sequence

from course_lib.ui.display import escape, publish
from course_lib.ui.numbers import format_column, is_number

LINE = "1px solid rgba(128,128,128,.4)"


def table(rows: Sequence[Mapping], *, title: str = "", caption: str = "") -> None:
    """Display rows as a table; the first column names the row.

    Args:
        rows: one mapping per row, column name to value; a column missing in a row shows a dash.
        title: above the table, in bold.
        caption: below the table, one sentence on what to read from it.

    Raises:
        ValueError: there is no row, or a row is not a mapping.

    Used from unit 00_start on.
    """
    publish(table_html(rows, title=title, caption=caption), text=table_text(rows, title=title, caption=caption))


def table_html(rows: Sequence[Mapping], *, title: str = "", caption: str = "") -> str:
    """The table as HTML with a caption and header scopes; colours follow the page."""
    columns, texts, numeric = _columns(rows)
    padding = "padding:.3em .8em"
    align = {c: "right" if numeric[c] else "left" for c in columns}
    head = "".join(
        f'<th scope="col" style="{padding};text-align:{align[c]};border-bottom:2px solid rgba(128,128,128,.7)">'
        f"{escape(c)}</th>"
        for c in columns
    )
    body = []
    for i in range(len(rows)):
        first, *rest = columns
        style = f"{padding};border-bottom:{LINE}"
        cells = f'<th scope="row" style="{style};text-align:left;font-weight:normal">{escape(texts[first][i])}</th>'
        cells += "".join(
            f'<td style="{style};text-align:{align[c]};font-variant-numeric:tabular-nums">{escape(texts[c][i])}</td>'
            for c in rest
        )
        body.append(f'<tr style="background:none">{cells}</tr>')
    style = "caption-side:top;text-align:left;color:inherit;padding:.3em 0;white-space:nowrap"
    label = f'<caption style="{style}"><strong>{escape(title)}</strong></caption>' if title else ""
    note = f'<p style="margin:.3em 0"><small>{escape(caption)}</small></p>' if caption else ""
    return (
        '<div style="overflow-x:auto;max-width:100%">'
        f'<table style="border-collapse:collapse;margin:.5em 0">{label}'
        f'<thead><tr style="background:none">{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>{note}'
    )


def table_text(rows: Sequence[Mapping], *, title: str = "", caption: str = "") -> str:
    """The table as aligned text for a terminal."""
    columns, texts, numeric = _columns(rows)
    widths = {c: max(len(c), *map(len, texts[c])) for c in columns}

    def line(cells: Mapping[str, str]) -> str:
        return "  ".join(
            cells[c].rjust(widths[c]) if numeric[c] else cells[c].ljust(widths[c]) for c in columns
        ).rstrip()

    lines = [line({c: c for c in columns}), "  ".join("─" * widths[c] for c in columns)]
    lines += [line({c: texts[c][i] for c in columns}) for i in range(len(rows))]
    return "\n".join([*filter(None, [title]), *lines, *filter(None, [caption])])


def _columns(rows: Sequence[Mapping]) -> tuple[list[str], dict[str, list[str]], dict[str, bool]]:
    """Column names in order of first appearance, their cells as text, and whether a column holds numbers only.

    The first column names the rows, so it is never aligned as numbers.
    """
    rows = list(rows)
    if not rows:
        raise ValueError("a table needs at least one row.")
    if not all(isinstance(row, Mapping) for row in rows):
        raise ValueError("each row of a table is a dict: {'system': 'baseline', 'SI-SDR (dB)': 5.8}.")
    keys = list(dict.fromkeys(key for row in rows for key in row))
    if not keys:
        raise ValueError("the rows of the table have no columns.")
    values = {str(key): [row.get(key) for row in rows] for key in keys}
    columns = list(values)
    numeric = {c: all(v is None or is_number(v) for v in values[c]) for c in columns}
    numeric[columns[0]] = False
    return columns, {c: format_column(values[c]) for c in columns}, numeric

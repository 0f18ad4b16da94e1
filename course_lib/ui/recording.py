"""The results table of an experiment: shown beside its claim, and recorded when a file asks for it."""

import json
import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from course_lib import device
from course_lib.ui.display import escape, publish
from course_lib.ui.numbers import format_number, plain
from course_lib.ui.tables import table_html, table_text

VARIABLE = "COURSE_RESULTS"


def results(
    rows: Sequence[Mapping], *, title: str, seed: int, seconds: float, claim: str = "", verdict: str = ""
) -> None:
    """Show a results table with what produced it; append it to the file that COURSE_RESULTS names, if any.

    Args:
        rows: one mapping per system, the baseline among them.
        title: what was measured, on what.
        seed: seed of the run.
        seconds: time that the run took, in seconds.
        claim: the lecture's claim.
        verdict: whether this miniature reproduces it, in one sentence.

    Raises:
        ValueError: no rows, an empty title, or a recorded file that is not a list of tables.

    Used from unit 12_ctc on; `course run` sets COURSE_RESULTS.
    """
    if not title.strip():
        raise ValueError("a results table needs a title: what was measured, and on what.")
    record = {
        "title": title,
        "rows": [{str(k): _json_value(v) for k, v in row.items()} for row in rows],
        "seed": int(seed),
        "seconds": round(float(seconds), 1),
        "claim": claim,
        "verdict": verdict,
        "profile": device.profile(),
        "device": device.report().name,
    }
    caption = (
        f"Profile {record['profile']} on {record['device']}, seed {record['seed']}, "
        f"{format_number(record['seconds'], decimals=0)} s."
    )
    words = [f"{name}: {text}" for name, text in (("Claim", claim), ("Here", verdict)) if text]
    markup = table_html(rows, title=title, caption=caption)
    markup += "".join(
        f'<p style="margin:.3em 0"><strong>{name}:</strong> {escape(text)}</p>'
        for name, text in (("Claim", claim), ("Here", verdict))
        if text
    )
    publish(markup, text="\n".join([table_text(rows, title=title, caption=caption), *words]))
    if path := os.environ.get(VARIABLE):
        _append(Path(path), record)


def _append(path: Path, record: dict) -> None:
    """Add `record` to the JSON list in `path`; the file is replaced at once or not at all."""
    records = []
    if path.exists():
        try:
            records = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            records = None
        if not isinstance(records, list):
            raise ValueError(f"{path} is not a list of results tables: delete it, or set {VARIABLE} to another file.")
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    temporary.write_text(
        json.dumps([*records, record], indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )
    os.replace(temporary, path)


def _json_value(value: object) -> object:
    """A cell as JSON holds it; nan and infinity, which JSON lacks, become text."""
    value = plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        return format_number(value)
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)

"""Same result twice: the tables of the solved run and of the blank run, which share every lesson cell, must agree."""

import json
import re
from pathlib import Path

from autograder.audit.subject import AuditedUnit

# A column of times says so by its unit: "training (s)", "copy (GB/s)", "STFT (x real time)", "FFT (x as fast)".
TIMING = re.compile(r"\((s|ms|µs|min|[A-Za-z]+/s|x real time|x as fast)\)$|^(seconds|time)$")


def read_results(path: Path) -> list[dict]:
    """What `ui.results` wrote to COURSE_RESULTS: a list of tables, empty if there is no file."""
    if not path.exists():
        return []
    tables = json.loads(path.read_text(encoding="utf-8"))
    return tables if isinstance(tables, list) else []


def judge_same_results(audited: AuditedUnit, first: list[dict], second: list[dict]) -> None:
    """Fail where two runs of the notebook printed different numbers; columns that hold times may differ."""
    for one, two in zip(map(_comparable, first), map(_comparable, second), strict=False):
        if one != two:
            title, rows = one
            differing = [(a, b) for a, b in zip(rows, two[1], strict=False) if a != b]
            shown = f"{differing[0][0]} and {differing[0][1]}" if differing else "tables of different length"
            audited.report.fail(
                "same twice", f"the results table “{title}” differs from run to run: {shown}"[:400],
                file=audited.unit.source, line=audited.line_of(title), mend="seed every generator in the experiment",
            )
    if len(first) != len(second):
        audited.report.fail(
            "same twice", f"the solved notebook has {len(first)} results tables, the blank one {len(second)}",
            file=audited.unit.source, mend="the experiment must not depend on the student's answers",
        )


def _comparable(table: dict) -> tuple[str, list[dict]]:
    rows = [{k: v for k, v in row.items() if not TIMING.search(k)} for row in table.get("rows", [])]
    return table.get("title", ""), rows

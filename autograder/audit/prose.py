"""The prose gate: no placeholder, no empty section, no misspelling."""

import re
import subprocess
import sys

from autograder.audit.subject import AuditedUnit
from autograder.processes import PACKAGE_ROOT

PLACEHOLDER = re.compile(r"\b(TODO|FIXME|XXX|TBD|lorem ipsum)\b")
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$")
FENCE = re.compile(r"^\s*(```|~~~)")
MARKER = re.compile(r"^#+\s*(BEGIN|END) SOLUTION")
MISSPELLED = re.compile(r"^(.*?):(\d+): (.+)$")


def judge_prose(audited: AuditedUnit) -> None:
    """Run the three checks on the source."""
    _placeholders(audited)
    _empty_sections(audited)
    _spelling(audited)


def _placeholders(audited: AuditedUnit) -> None:
    for number, text in enumerate(audited.unit.source.read_text(encoding="utf-8").splitlines(), 1):
        hit = PLACEHOLDER.search(text)
        if hit:
            audited.report.fail("prose", f"a placeholder is left: {hit[0]}", file=audited.unit.source, line=number,
                                mend="write it, or take it out")


def _empty_sections(audited: AuditedUnit) -> None:
    """A heading that is followed by one of its own or a higher rank, or by nothing."""
    heading: tuple[int, str, int | None] | None = None

    def refuse() -> None:
        _, title, line = heading
        audited.report.fail("prose", f"the section “{title}” is empty", file=audited.unit.source, line=line,
                            mend="fill it, or delete its heading")

    for cell in audited.solved.cells:
        start = cell.metadata.get("course", {}).get("line")
        if start is None:
            continue
        if cell.cell_type != "markdown":
            heading = None
            continue
        for level, text, index in _blocks(cell.source):
            if level and heading and level <= heading[0]:
                refuse()
            heading = (level, text, start + 1 + index) if level else None
    if heading:
        refuse()


def _blocks(source: str):
    """(level, title, index) of each heading, (0, text, index) of each other line that is not blank."""
    fenced = False
    for index, text in enumerate(source.splitlines()):
        if FENCE.match(text):
            fenced = not fenced
        if MARKER.match(text):
            continue
        match = None if fenced else HEADING.match(text)
        if match:
            yield len(match[1]), match[2], index
        elif text.strip():
            yield 0, text, index


def _spelling(audited: AuditedUnit) -> None:
    """codespell with the project's own list of words."""
    command = [sys.executable, "-m", "codespell_lib", "--toml", str(PACKAGE_ROOT / "pyproject.toml")]
    done = subprocess.run([*command, str(audited.unit.source)], cwd=PACKAGE_ROOT, capture_output=True, text=True)
    found = [match for match in map(MISSPELLED.match, done.stdout.splitlines()) if match]
    for match in found:
        audited.report.fail("spelling", match[3], file=audited.unit.source, line=int(match[2]),
                            mend="mend it, or add the word to ignore-words-list in pyproject.toml")
    if done.returncode and not found:
        said = (done.stderr or done.stdout).strip().splitlines()
        audited.report.fail("spelling", f"codespell did not run: {said[-1] if said else 'no message'}",
                            mend="install the `dev` extra")

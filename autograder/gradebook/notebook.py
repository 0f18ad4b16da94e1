"""The graded notebook as nbgrader's tools show it: the release, the student's answers, the checks' words as outputs."""

import copy
import hashlib
import re
from collections.abc import Mapping

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell, new_output

from autograder.gradebook.inert import inert_markdown, plain
from autograder.model.assignment import Assignment, grade_id_of
from autograder.model.examination import BROKEN, MISSING, PASSED, CellFault, CheckResult, Examination
from autograder.model.submission import Submission

TEXT_LIMIT = 20_000
"""Characters of one output."""
PICTURES = frozenset({"image/png", "image/jpeg", "image/gif"})
PICTURE_LIMIT = 4 << 20
NAMES = {
    "wrong": "CheckFailed", "missing": "Missing", "crashed": "Crashed", "timeout": "TooSlow", "refused": "Refused",
    "broken": "BrokenCheck",
}
"""Status → the heading of the error output."""


def graded_notebook(assignment: Assignment, submission: Submission, examination: Examination) -> NotebookNode:
    """A new notebook; `submission.notebook` is not changed.

    Whatever the student wrote is inert in it: no outputs but ours, no raw HTML, no metadata but nbgrader's.
    """
    trusted = {(cell.cell_type, cell.source) for cell in assignment.release.cells}
    results = {r.grade_id: r for r in examination.results}
    faults: dict[str, list[CellFault]] = {}
    for fault in examination.faults:
        faults.setdefault(fault.grade_id or "", []).append(fault)
    cells = []
    for cell in submission.notebook.cells:
        clean = _clean(cell, trusted)
        grade_id = grade_id_of(clean)
        if clean.cell_type == "code" and grade_id:
            outputs = [_error(f.status, f.message) for f in faults.get(grade_id, ())]
            clean.outputs = outputs + (_outputs(results[grade_id]) if grade_id in results else [])
        cells.append(clean)
    metadata = {name: copy.deepcopy(assignment.release.metadata[name])
                for name in ("kernelspec", "language_info") if name in assignment.release.metadata}
    metadata["course"] = {"answers": answer_digests(submission.answers), "submission": submission.sha256}
    return NotebookNode(cells=cells, metadata=NotebookNode(metadata), nbformat=4, nbformat_minor=5)


def answer_digests(answers: Mapping[str, str | None]) -> dict[str, str]:
    """grade_id → a short hash of the answer; "" where there is none."""
    return {
        name: "" if text is None else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
        for name, text in answers.items()
    }


def _clean(cell: NotebookNode, trusted: set[tuple[str, str]]) -> NotebookNode:
    """A copy with nothing in it that a browser would run."""
    nbgrader = cell.metadata.get("nbgrader")
    metadata = {"nbgrader": copy.deepcopy(nbgrader)} if nbgrader else {}
    identity = cell.get("id") if re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", str(cell.get("id", ""))) else None
    if (cell.cell_type, cell.source) in trusted:
        text = cell.source
    else:
        text = plain(cell.source) if cell.cell_type == "code" else inert_markdown(cell.source)
    if cell.cell_type == "code":
        clean = NotebookNode(cell_type="code", source=text, metadata={}, outputs=[], execution_count=None)
    else:  # a raw cell would go into the page as it is
        clean = new_markdown_cell(text)
        pictures = _pictures(cell.get("attachments"))
        if pictures:
            clean.attachments = NotebookNode(pictures)
    clean.metadata = NotebookNode(metadata)
    clean.id = identity or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]
    return clean


def _pictures(attachments: Mapping | None) -> dict[str, dict[str, str]]:
    """Photographs of a derivation: the attachments that are what their type says, within the limit."""
    kept: dict[str, dict[str, str]] = {}
    for name, bundle in attachments.items() if isinstance(attachments, Mapping) else ():
        for kind, data in bundle.items() if isinstance(bundle, Mapping) else ():
            sound = kind in PICTURES and isinstance(data, str) and len(data) <= PICTURE_LIMIT
            if sound and re.fullmatch(r"[\w. -]{1,100}", name) and re.fullmatch(r"[A-Za-z0-9+/=\s]+", data):
                kept[name] = {kind: data}
    return kept


def _outputs(result: CheckResult) -> list[NotebookNode]:
    """Outputs from which nbgrader itself would read the same score."""
    printed = plain(result.printed, TEXT_LIMIT)
    said = [new_output("stream", name="stdout", text=printed.rstrip("\n") + "\n")] if printed.strip() else []
    if result.status == PASSED or result.score == result.points:
        return said or [new_output("stream", name="stdout", text="✓ passed\n")]
    if result.score:  # a part of the points: the value of the cell
        words = [new_output("stream", name="stdout", text=plain(result.message, TEXT_LIMIT) + "\n")]
        value = new_output("execute_result", {"text/plain": f"{result.score:g}"}, execution_count=None)
        return said + (words if result.message else []) + [value]
    return [*said, _error(result.status, result.message or _unsaid(result.status))]


def _unsaid(status: str) -> str:
    if status == BROKEN:
        return "The check itself failed. This is no fault of yours: a person will look at it."
    return "No answer was found." if status == MISSING else "The answer did not pass."


def _error(status: str, message: str) -> NotebookNode:
    name, text = NAMES.get(status, "Fault"), plain(message, TEXT_LIMIT)
    return new_output("error", ename=name, evalue=text, traceback=[f"{name}: {text}"])

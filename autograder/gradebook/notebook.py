"""The graded notebook as nbgrader's tools show it: the release, the student's answers, the checks' words as outputs."""

import copy
import hashlib
import re
from collections.abc import Mapping

from nbformat import NotebookNode

from autograder.gradebook.decision import CHANGED, SAME, UNKNOWN, Freshness, doubtful_exercises
from autograder.gradebook.inert import inert_markdown, plain
from autograder.model.assignment import Assignment, grade_id_of
from autograder.model.examination import BROKEN, MISSING, PASSED, CellFault, CheckResult, Examination
from autograder.model.submission import Submission

TEXT_LIMIT = 20_000
"""Characters of one output."""
CODE_LIMIT, PROSE_LIMIT = 200_000, 50_000
"""Characters of one cell of the student: the pages of nbgrader take seconds beyond."""
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
    cells: list[NotebookNode] = []
    ids: set[str] = set()
    for cell in submission.notebook.cells:
        clean = _clean(cell, trusted)
        if clean.id in ids:
            clean.id = f"again-{len(cells)}"
        ids.add(clean.id)
        grade_id = grade_id_of(clean)
        if clean.cell_type == "code" and grade_id:
            outputs = [_error(f.status, f.message) for f in faults.get(grade_id, ())]
            clean.outputs = outputs + (_outputs(results[grade_id]) if grade_id in results else [])
        cells.append(clean)
    metadata = {name: copy.deepcopy(assignment.release.metadata[name])
                for name in ("kernelspec", "language_info") if name in assignment.release.metadata}
    metadata["course"] = {"submission": submission.sha256, **memory(submission)}
    return NotebookNode(cells=cells, metadata=NotebookNode(metadata), nbformat=4, nbformat_minor=5)


def memory(submission: Submission) -> dict[str, object]:
    """What the next write must know of this one: hashes of the answers ("" where there is none), doubts, flags."""
    return {
        "answers": {name: "" if text is None else _digest(text) for name, text in submission.answers.items()},
        "doubts": sorted(doubtful_exercises(submission)),
        "flags": sorted(map(_digest, submission.flags)),
    }


def compare(submission: Submission, old: object) -> Freshness:
    """This submission against the memory of the last write, as it was read from a file; None: there is none."""
    new = memory(submission)
    try:
        answers, doubts, flags = dict(old["answers"]), set(old["doubts"]), set(old["flags"])
    except (KeyError, TypeError, ValueError):
        return Freshness(dict.fromkeys(submission.answers, UNKNOWN), bool(submission.flags))
    states = {name: SAME if answers.get(name) == digest else CHANGED for name, digest in new["answers"].items()}
    for name in set(new["doubts"]) ^ doubts:  # a doubt that is gone: nobody need wait any longer
        if states.get(name) == SAME:
            states[name] = UNKNOWN
    return Freshness(states, bool(set(new["flags"]) - flags), bool(flags) and not new["flags"])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _clean(cell: NotebookNode, trusted: set[tuple[str, str]]) -> NotebookNode:
    """A copy with nothing in it that a browser would run."""
    nbgrader = cell.metadata.get("nbgrader")
    metadata = {"nbgrader": copy.deepcopy(nbgrader)} if nbgrader else {}
    identity = cell.get("id") if re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", str(cell.get("id", ""))) else None
    if cell.cell_type == "code":
        text = plain(cell.source, CODE_LIMIT)
        clean = NotebookNode(cell_type="code", source=text, metadata={}, outputs=[], execution_count=None)
    else:  # a raw cell would go into the page as it is
        pictures = _pictures(cell.get("attachments"))
        instructors = (cell.cell_type, cell.source) in trusted
        text = cell.source if instructors else inert_markdown(cell.source, pictures, PROSE_LIMIT)
        clean = NotebookNode(cell_type="markdown", source=text, metadata={})
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
            if sound and re.fullmatch(r"[A-Za-z0-9._-]{1,100}", name) and re.fullmatch(r"[A-Za-z0-9+/=\s]+", data):
                kept[name] = {kind: data}
    return kept


def _outputs(result: CheckResult) -> list[NotebookNode]:
    """Outputs from which nbgrader itself would read the same score."""
    printed = plain(result.printed, TEXT_LIMIT)
    said = [_stdout(printed)] if printed.strip() else []
    if result.status == PASSED or result.score == result.points:
        return said or [_stdout("✓ passed")]
    if result.score:  # a part of the points: the value of the cell
        words = [_stdout(plain(result.message, TEXT_LIMIT))] if result.message else []
        data = NotebookNode({"text/plain": f"{result.score:g}"})
        value = NotebookNode(output_type="execute_result", data=data, metadata={}, execution_count=None)
        return [*said, *words, value]
    return [*said, _error(result.status, result.message or _unsaid(result.status))]


def _unsaid(status: str) -> str:
    if status == BROKEN:
        return "The check itself failed. This is no fault of yours: a person will look at it."
    return "No answer was found." if status == MISSING else "The answer did not pass."


def _stdout(text: str) -> NotebookNode:
    # Not nbformat's own constructors: they validate each piece, which took half of the time of a whole write.
    return NotebookNode(output_type="stream", name="stdout", text=text.rstrip("\n") + "\n")


def _error(status: str, message: str) -> NotebookNode:
    name, text = NAMES.get(status, "Fault"), plain(message, TEXT_LIMIT)
    traceback = [f"\x1b[1;31m{name}\x1b[0m: {text}"]
    return NotebookNode(output_type="error", ename=name, evalue=text, traceback=traceback)

"""A file that was handed in becomes a `Submission`: answers matched, damage mended and said, code cut into steps."""

import copy
import hashlib
import re
from collections.abc import Mapping, Sequence

from autograder.intake import say
from autograder.intake.answers import Found, find_answers
from autograder.intake.borrowed import borrowed
from autograder.intake.cells import MARKDOWN, Cell
from autograder.intake.load import Loaded, load
from autograder.intake.magics import clean
from autograder.intake.mend import HARMLESS, runnable
from autograder.intake.order import entries
from autograder.intake.outline import Outline, outline
from autograder.intake.pieces import split_shared
from autograder.intake.places import BY_GRADE_ID, BY_ID, BY_NAME, BY_TEXT, Placed, place
from autograder.intake.prose import find_prose
from autograder.intake.rebuild import rebuild
from autograder.intake.steps import answered_code, steps_of
from autograder.model.assignment import LESSON, TEST, Assignment
from autograder.model.submission import EXTRA, HandedIn, Repair, Submission

OWN = 0.1
TITLE = re.compile(r"^# (\d\d) · (.{1,120})$", re.M)


def read(handed_in: HandedIn, assignment: Assignment) -> Submission:
    """Understand one file. Never raises for what is in it: `refused` says why nothing could be read."""
    known = [Repair(fault, None, fault != say.LATE) for fault in handed_in.faults]
    if handed_in.faults and not handed_in.data:
        return _refused(handed_in, assignment, " ".join(handed_in.faults), [])
    loaded = load(handed_in.data)
    if loaded.refused:
        return _refused(handed_in, assignment, loaded.refused, known)
    plan = outline(assignment)
    placed = place(split_shared(loaded.cells, plan), plan)
    found = find_answers(placed, plan)
    found |= find_prose(placed, plan, set().union(*(f.parts for f in found.values())))
    refused = _wrong_notebook(placed, found, plan, assignment)
    if refused:
        return _refused(handed_in, assignment, refused, [*known, *loaded.repairs])
    return _submission(handed_in, assignment, loaded, placed, found, known)


def _submission(
    handed_in: HandedIn, assignment: Assignment, loaded: Loaded, placed: Sequence[Placed],
    found: Mapping[str, Found], known: Sequence[Repair],
) -> Submission:
    plan = outline(assignment)
    made = entries(placed, found, plan)
    code, changed = {}, []
    for answer in answered_code(found):
        code[answer.task.grade_id], notes = runnable(answer)
        changed += notes
    steps = steps_of(made, code, plan)
    repairs = [*known, *loaded.repairs, *_release_notes(loaded, assignment), *_marks(found, plan),
               *(r for f in _in_order(found, plan) for r in f.repairs), *changed, *borrowed(steps),
               *_file_notes(placed, plan, made)]
    return Submission(
        student=handed_in.student, name=handed_in.name, sha256=hashlib.sha256(handed_in.data).hexdigest(),
        steps=steps, answers={f.task.grade_id: f.source for f in _in_order(found, plan)},
        repairs=tuple(dict.fromkeys(repairs)), notebook=rebuild(assignment, placed, found, made),
        received=handed_in.received, origin=handed_in.origin, attachments=dict(handed_in.attachments),
    )


def _refused(handed_in: HandedIn, assignment: Assignment, why: str, repairs: Sequence[Repair]) -> Submission:
    return Submission(
        student=handed_in.student, name=handed_in.name, sha256=hashlib.sha256(handed_in.data).hexdigest(), steps=(),
        answers={exercise.grade_id: None for exercise in assignment.exercises}, repairs=tuple(repairs),
        notebook=copy.deepcopy(assignment.release), received=handed_in.received, origin=handed_in.origin,
        attachments=dict(handed_in.attachments), refused=why,
    )


def _wrong_notebook(
    placed: Sequence[Placed], found: Mapping[str, Found], plan: Outline, assignment: Assignment
) -> str | None:
    """Why this is no notebook of the unit: it holds no answer, and next to nothing of the release."""
    certain = [f for f in found.values() if f.how in (BY_GRADE_ID, BY_ID, BY_NAME, BY_TEXT)]
    present = {p.slot.at for p in placed if p.slot is not None and p.slot.role in (LESSON, TEST)}
    if certain or len(present) >= OWN * len(plan.slots):
        return None
    if not placed:
        return "The notebook has no cells."
    title = _title([p.cell for p in placed])
    other = f' Its title is "{title}".' if title and not assignment.name.startswith(title[:2]) else ""
    return f"This is not a notebook of {assignment.name}: nothing of the unit was found in it.{other}"


def _title(cells: Sequence[Cell]) -> str | None:
    for cell in cells[:20]:
        if cell.kind == MARKDOWN and (found := TITLE.search(cell.source)):
            return f"{found[1]} · {found[2]}"
    return None


def _release_notes(loaded: Loaded, assignment: Assignment) -> list[Repair]:
    ours = assignment.release.metadata.get("course", {}).get("digest")
    if loaded.release and ours and loaded.release != ours:
        return [Repair("The notebook was made from another release of this unit; it was graded by the present one.")]
    return []


def _marks(found: Mapping[str, Found], plan: Outline) -> list[Repair]:
    """What the answers were known by, where it was not the grade_id: one sentence if it is the same for all."""
    there = [f for f in _in_order(found, plan) if f.at is not None]
    if len(there) > 1 and all(f.how != BY_GRADE_ID for f in there):
        return [Repair("nbgrader's marks are gone from the file; the answers were found by cell id, name and text.")]
    said = {BY_ID: say.by_id, BY_NAME: say.by_name}
    return [Repair(said[f.how](f.task), f.task.grade_id) for f in there if f.how in said and not f.task.manual]


def _file_notes(placed: Sequence[Placed], plan: Outline, made: Sequence) -> list[Repair]:
    """Locked cells that were edited, lines that were not run in added cells."""
    notes = []
    for p in placed:
        if p.slot is not None and p.slot.role == TEST and p.edited and p.cell.source.strip():
            notes.append(Repair(f"The graded cell `{p.slot.grade_id}` was edited; the instructor's own was used."))
    lines = [line for entry in made if entry.kind == EXTRA for line in clean(entry.cell.source).dropped]
    missed = [line for line in lines if not HARMLESS.match(line)]
    if missed:
        notes.append(Repair(say.dropped("added cells", missed)))
    return notes


def _in_order(found: Mapping[str, Found], plan: Outline) -> list[Found]:
    return [found[grade_id] for grade_id in plan.tasks]

"""One submission in nbgrader's tables."""

from datetime import datetime
from typing import TYPE_CHECKING

from autograder.errors import CourseError
from autograder.gradebook.decision import UNKNOWN, Entry, Freshness, comment_on, decide, doubtful_exercises
from autograder.gradebook.inert import name as clean_name
from autograder.gradebook.people import split_name
from autograder.gradebook.policy import Policy
from autograder.model.assignment import Assignment
from autograder.model.examination import CheckResult, Examination
from autograder.model.submission import Submission

if TYPE_CHECKING:
    from nbgrader.api import Gradebook, SubmittedAssignment, SubmittedNotebook


def write(gradebook: "Gradebook", assignment: Assignment, submission: Submission, examination: Examination,
          fresh: Freshness, received: datetime | None, policy: Policy) -> tuple:
    """Enter everything; returns the fields of `Written`, in order.

    Raises:
        CourseError: a result names a cell that the unit does not have.
    """
    from nbgrader.api import BaseCell, Comment, Grade

    unit, student = assignment.name, submission.student
    if not _is_known(gradebook, unit, student):  # a new database beside old notebooks: they tell nothing about it
        fresh = Freshness(dict.fromkeys(fresh.answers, UNKNOWN), bool(submission.flags))
    _write_student(gradebook, submission, policy)
    submitted = gradebook.update_or_create_submission(unit, student, timestamp=received)
    if not submitted.notebooks:  # entered by another tool before the unit had cells: there is no grade to lose
        gradebook.remove_submission(unit, student)
        submitted = gradebook.add_submission(unit, student, timestamp=received)
    _grant_extension(submitted, policy, unit)
    notebook = next(n for n in submitted.notebooks if n.name == unit)
    cells = gradebook.db.query(Grade, BaseCell.name).join(BaseCell, BaseCell.id == Grade.cell_id)
    grades = {name: grade for grade, name in cells.filter(Grade.notebook_id == notebook.id)}
    results = _complete(assignment, examination, set(grades))
    doubtful, waiting, dropped = doubtful_exercises(submission), [], []
    score = 0.0
    for result in results:
        grade = grades[result.grade_id]
        before = Entry(grade.auto_score, grade.manual_score, grade.extra_credit, grade.needs_manual_grade)
        answer = fresh.answers.get(result.exercise, UNKNOWN)
        entry = decide(result, result.exercise in doubtful, before, answer)
        if before.manual is not None and entry.manual is None:
            dropped.append(result.grade_id)
        grade.auto_score, grade.manual_score, grade.extra_credit = entry.auto, entry.manual, entry.extra
        grade.needs_manual_grade = entry.waits
        score += entry.score
        waiting += [result.grade_id] if entry.waits else []
    comments = gradebook.db.query(Comment, BaseCell.name).join(BaseCell, BaseCell.id == Comment.cell_id)
    for comment, name in comments.filter(Comment.notebook_id == notebook.id):
        comment.auto_comment = comment_on(submission, name, [r for r in results if r.exercise == name])
    if fresh.flags:
        notebook.flagged = True  # afterwards the flag is the grader's own
    elif fresh.cleared:
        notebook.flagged = False
    late = _write_penalty(submitted, notebook, score, assignment.points, policy)
    return score, assignment.points, late, notebook.late_submission_penalty or 0.0, tuple(waiting), tuple(dropped)


def _is_known(gradebook: "Gradebook", unit: str, student: str) -> bool:
    """Whether the student's submission was entered before."""
    from nbgrader.api import MissingEntry

    try:
        gradebook.find_submission(unit, student)
    except MissingEntry:
        return False
    return True


def settle(gradebook: "Gradebook", unit: str, policy: Policy) -> None:
    """Bring due date, extensions and penalties up to date with grading.toml and with the grades given by hand since.

    Without a section [late] penalties stay as they are.
    """
    from nbgrader.api import Assignment as Table
    from nbgrader.api import SubmittedAssignment

    set_due_date(gradebook, unit, policy)
    found = gradebook.db.query(SubmittedAssignment).join(Table, Table.id == SubmittedAssignment.assignment_id)
    for submitted in found.filter(Table.name == unit):
        _grant_extension(submitted, policy, unit)
        late = submitted.total_seconds_late > 0 or submitted.late_submission_penalty
        for notebook in submitted.notebooks if late and policy.late is not None else ():
            _write_penalty(submitted, notebook, notebook.score, notebook.max_score, policy)
    gradebook.db.flush()
    gradebook.db.expire_all()  # totals are sums that the database computes


def set_due_date(gradebook: "Gradebook", unit: str, policy: Policy) -> None:
    """The due date of grading.toml, where it names one."""
    from nbgrader.utils import parse_utc

    if unit in policy.due:
        gradebook.find_assignment(unit).duedate = parse_utc(policy.due[unit])


def _complete(assignment: Assignment, examination: Examination, known: set[str]) -> tuple[CheckResult, ...]:
    """The results, if they are of this unit: one for each graded cell."""
    named = [r.grade_id for r in examination.results]
    if set(named) != known or len(named) != len(known):
        odd = ", ".join(sorted(known.symmetric_difference(named))) or "a cell twice"
        raise CourseError(f"the results do not fit the cells of {assignment.name}: {odd}",
                          mend="grade it again with the unit as it is now")
    return examination.results


def _write_student(gradebook: "Gradebook", submission: Submission, policy: Policy) -> None:
    """Make the student if need be. What a person typed into formgrader stays; grading.toml wins."""
    from nbgrader.api import MissingEntry

    rule = policy.student(submission.student)
    try:
        student = gradebook.find_student(submission.student)
    except MissingEntry:
        student = gradebook.add_student(submission.student)
    first, last = split_name(rule.name or submission.name or submission.student)
    if rule.name or not student.last_name or student.last_name == student.id:
        student.first_name, student.last_name = first or "", last or student.id
    if rule.email:
        student.email = clean_name(rule.email)


def _grant_extension(submitted: "SubmittedAssignment", policy: Policy, unit: str) -> None:
    extension = policy.student(submitted.student_id).extension(unit)
    # nbgrader adds it to the due date without asking whether there is one.
    if extension is not None and submitted.assignment.duedate is not None:
        submitted.extension = extension


def _write_penalty(submitted: "SubmittedAssignment", notebook: "SubmittedNotebook", score: float, points: float,
                   policy: Policy) -> float:
    """Set the penalty; returns the seconds late."""
    late = float(submitted.total_seconds_late)
    penalty = 0.0 if policy.late is None else policy.late.penalty(late, score, points)
    if (notebook.late_submission_penalty or 0.0) != penalty:
        notebook.late_submission_penalty = penalty or None
    return late

"""A named answer gets the same verdict and the same message in the grader as in the notebook.

A few of each exercise by default, the same ones in every run; COURSE_PARITY=99 tries all of them.
"""

import dataclasses
import os
import zlib

import pytest
from by_hand import ROOT, assignment, course, submission

from autograder.audit.answers import FIXED_SEED, read_answers
from autograder.audit.harness import Harness
from autograder.audit.outcome import CHECK_FAILED
from autograder.audit.outcome import PASSED as RAN
from autograder.audit.subject import AuditedUnit
from autograder.examine import Examiner, examiner
from autograder.examine.wording import NOT_WRITTEN, clean
from autograder.model.examination import MISSING, PASSED, WRONG
from autograder.model.limits import Limits

EASY = Limits(cell_seconds=120, exercise_seconds=240, submission_seconds=1200)
IN_SANDBOX = "12_ctc"
MOST = int(os.environ.get("COURSE_PARITY", "2"))
"""Right and wrong answers to one exercise that are tried: the audit runs all of them in the notebook's way."""


def some_of(audited, grade_id):
    """Up to MOST right and MOST wrong answers to one exercise, the same ones in every run."""
    answers = sorted(read_answers(audited), key=lambda a: zlib.crc32(a.name.encode()))
    mine = [a for a in answers if a.grade_id == grade_id]
    return [a for a in mine if a.right][:MOST] + [a for a in mine if not a.right][:MOST]


def expected(outcome):
    """What the notebook said, as the grader should say it."""
    if outcome.status == RAN:
        return PASSED, "", outcome.stdout
    assert outcome.status == CHECK_FAILED, outcome
    status = MISSING if NOT_WRITTEN.match(outcome.message) else WRONG
    return status, clean(outcome.message), outcome.stdout


@pytest.mark.parametrize("unit", [
    name if name == "00_start" else pytest.param(name, marks=pytest.mark.slow)
    for name, unit in course().units.items() if unit.source.is_file()
])
def test_notebook_and_grader_say_the_same(unit, monkeypatch, bwrap_or_skip):
    level = "bwrap" if unit == IN_SANDBOX else "none"
    monkeypatch.setattr(examiner, "private_seed", lambda *_: FIXED_SEED)
    audited = AuditedUnit.read(course(), course().units[unit])
    exercises = {e.grade_id: e for e in audited.coded}
    answers = {(a.grade_id, a.name): a.code for grade_id in exercises for a in some_of(audited, grade_id)}
    answers |= {(g, "solution"): e.solution.source for g, e in exercises.items()}
    jobs = [audited.job(exercises[g], code, name, seed=FIXED_SEED, seconds=240) for (g, name), code in answers.items()]
    with Harness(audited.setup, workers=2, roots=audited.roots) as harness:
        outcomes = harness.run(jobs)
    one, differ = assignment(unit), []
    if level == "bwrap":
        bwrap_or_skip()
    with Examiner(one, sandbox=level, limits=EASY, secret=b"", roots=(ROOT,)) as grader:
        for (grade_id, name), code in answers.items():
            only = dataclasses.replace(one)
            only.__dict__["exercises"] = (exercises[grade_id],)
            grader.assignment = only
            (got,) = grader.examine(submission(one, {grade_id: code})).results
            want = expected(outcomes[f"{grade_id}/{name}"])
            if (got.status, got.message) != want[:2] or not want[2].startswith(got.printed):
                differ.append((grade_id, name, got, want))
    assert len(answers) >= 5 * len(exercises)
    assert not differ

"""Every named answer gets the same verdict and the same message in the grader as in the notebook."""

import dataclasses

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
SLOW = pytest.mark.slow


def expected(outcome):
    """What the notebook said, as the grader should say it."""
    if outcome.status == RAN:
        return PASSED, "", outcome.stdout
    assert outcome.status == CHECK_FAILED, outcome
    status = MISSING if NOT_WRITTEN.match(outcome.message) else WRONG
    return status, clean(outcome.message), outcome.stdout


@pytest.mark.parametrize(
    ("unit", "level"),
    [("00_start", "none"), pytest.param("02_stft", "none", marks=SLOW),
     pytest.param("05_source_filter", "none", marks=SLOW),
     pytest.param("07_scattering", "none", marks=SLOW),
     pytest.param("12_ctc", "bwrap", marks=SLOW),
     pytest.param("19_tasnet", "none", marks=SLOW)],
)
def test_notebook_and_grader_say_the_same(unit, level, monkeypatch, bwrap_or_skip):
    monkeypatch.setattr(examiner, "private_seed", lambda *_: FIXED_SEED)
    audited = AuditedUnit.read(course(), course().units[unit])
    exercises = {e.grade_id: e for e in audited.coded}
    answers = {(a.grade_id, a.name): a.code for a in read_answers(audited)}
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

"""Hostile and unlucky submissions: each gets the verdict that it deserves, and leaves nothing behind."""

import re
import time

import pytest
from bench import CANARY, LIMITS, survivors, usable
from roster import CASES, NEEDS_SANDBOX, START, Case

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
SECRETS = (CANARY, "BEGIN HIDDEN TESTS", "grading_rng(), cases=", "BEGIN SOLUTION")
MESSAGE_CHARACTERS = 6000
GROWTH_BYTES = 300 << 20
SLACK_SECONDS = 20.0


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_verdict(case: Case, benches, level, listeners, gradebook, tmp_path):
    if case.name in NEEDS_SANDBOX and level == "none":
        pytest.skip(f"NOT PROTECTED HERE, NOT TESTED: no sandbox on this machine ({usable('bwrap')})")
    bench = benches(case.unit)
    before, started = bench.surroundings(), time.monotonic()
    graded = bench.run(case, tmp_path)
    seconds = time.monotonic() - started
    print(case.story, *((r.exercise, r.status, r.score, r.message[:300]) for r in graded.examination.results),
          *graded.examination.faults, *graded.submission.repairs, f"{seconds:.1f} s", sep="\n")
    expect_verdict(case, graded)
    expect_silence(graded)
    assert seconds < LIMITS.submission_seconds * case.hurry + SLACK_SECONDS
    assert not listeners, "a submission reached the network of this machine"
    assert not gradebook(), "a submission wrote to a gradebook"
    assert not survivors()
    now = bench.settled(before)
    assert now["processes"] <= before["processes"], "processes survived"
    assert now["descriptors"] <= before["descriptors"], "descriptors leak"
    assert now["bytes"] < before["bytes"] + GROWTH_BYTES, "the grader's memory grew"
    if case.unit == START and case.name in NEEDS_SANDBOX:  # elsewhere other exercises of the same notebook show it
        after = bench.grade(bench.kit.solved(), student="honest")
        assert after.statuses()["rms_dbfs"] == "passed", after.message("rms_dbfs")


def expect_verdict(case: Case, graded) -> None:
    """Statuses, scores, the words of the message, the flag."""
    statuses = graded.statuses()
    for exercise, allowed in case.expect.items():
        assert statuses[exercise] in allowed, f"{exercise} is {statuses[exercise]}: {graded.message(exercise)}"
    for result in graded.examination.results:
        if result.exercise not in case.expect:
            assert result.status in ("passed", "manual"), f"{result.exercise}: {result.status} {result.message}"
        full = result.points if result.status == "passed" else None if result.status in ("manual", "broken") else 0
        assert result.score == full, f"{result.grade_id}: {result.score} points for {result.status}"
        assert result.status == "passed" or result.status == "manual" or result.message, "a zero without a reason"
    if case.says:
        assert case.says in graded.message(next(iter(case.expect)))
    flags = graded.submission.flags
    if case.flagged is not None:
        assert bool(flags) is case.flagged, f"flags: {flags}"


def expect_silence(graded) -> None:
    """No secret, no path of the machine, no control character, nothing endless in what a student is shown."""
    for text in graded.shown():
        assert len(text) <= MESSAGE_CHARACTERS
        assert not CONTROL.search(text), f"control characters in {text[:200]!r}"
        for secret in (*SECRETS, "/site-packages/", "/autograder/"):
            assert secret not in text, f"{secret!r} is shown: {text[:300]}"
    output = graded.examination.output
    assert len(output) <= LIMITS.output_bytes + 1000
    for secret in SECRETS:
        assert secret not in output, f"{secret!r} was printed"


def test_same_verdict_twice(benches):
    """Random answers, hash orders and clocks: two examinations in two processes agree."""
    bench = benches(START)
    code = """
import random, time
def rms_dbfs(x):
    words = {"left", "right", "both", "none", "all", "some"}
    raise ValueError(f"{list(words)} {random.random()} {np.random.rand()} {torch.rand(1).item()} {hash('level')}")
"""
    first, second = (bench.grade(bench.kit.solved(rms_dbfs=code)).examination.verdict() for _ in range(2))
    assert first == second


def test_private_inputs_differ(benches):
    """Two students get different numbers; the same student gets the same ones again."""
    bench = benches(START)
    code = "def rms_dbfs(x): raise ValueError(repr(float(np.sum(x)))) if x.shape[-1] not in (100, 1000) else None\n"
    code += "right = checks.start._level\ncalls = []\n"
    code += ("def rms_dbfs(x):\n    calls.append(1)\n    if len(calls) > 30: raise ValueError(repr(float(np.sum(x))))\n"
             "    return right(x)")
    told = [bench.grade(bench.kit.solved(rms_dbfs=code), student=s).message("rms_dbfs") for s in ("a", "b", "a")]
    assert told[0] == told[2]
    assert told[0] != told[1]

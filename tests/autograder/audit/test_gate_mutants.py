"""The mutant gate: what counts as a change, what survives, and a record that goes stale."""

import json
from types import SimpleNamespace

import pytest
from tiny_course import failures

from autograder.audit.answers import run_answers
from autograder.audit.mutants import RECORD, SURVIVORS, fingerprint, judge, read_record, run_mutants
from autograder.audit.mutate import mutants


def changed(body, before="", after=""):
    """The mutants of a function body: {what the changed lines say}."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    head = f"def f(x, n: int = 3):\n    '''Doc 1.'''\n{before}"
    source = f"{head}    ### BEGIN SOLUTION\n{lines}\n    ### END SOLUTION\n{after}"
    return {m.key.split(" → ")[1].strip('"') for m in mutants(source)}, mutants(source)


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("return x + n", {"x - n"}),
        ("return x - n", {"x + n", "n - x"}),
        ("return x // n", {"x * n", "-(-x // n)"}),
        ("return x @ n", {"x * n", "n @ x"}),
        ("return x < n", {"x <= n", "x > n"}),
        ("return x == n", {"x != n"}),
        ("return x and n", {"x or n"}),
        ("return -x", {"x"}),
        ("return x[1:]", {"x[2:]", "x[0:]", "x[1:-1]"}),
        ("return x[n]", {"x[n + 1]", "x[n - 1]"}),
        ("return x[::-1]", {"x[::1]", "x[:]"}),
        ("return range(n)", {"range(n + 1)", "range(n - 1)"}),
        ("return x.sum(axis=0)", {"x.mean(axis=0)", "x.sum(axis=1)", "x.sum(axis=-1)"}),
        ("return np.log(x)", {"np.log10(x)", "x"}),
        ("return np.conj(x) * n", {"x"}),
        ("return np.exp(-1j * x)", {"1j * x", "np.exp2(-1j * x)"}),
        ("return min(x, n)", {"max(x, n)"}),
        ("return np.argmax(x)", {"np.argmin(x)"}),
        ("return g(x, n)", {"g(n, x)"}),
        ("return g(x, keepdim=True)", {"g(x, keepdim=False)"}),
        ("return x if n else 0", {"x if not n else 0", "0 if n else x"}),
        ("return [v for v in x if v]", {"[v for v in x if True]"}),
        ("return np.fft.rfft(x)", {"np.fft.rfft(x).conj()"}),
        ("return x * 0.5", {"x * 1.0", "x * -0.5", "x / 0.5"}),
        ("x += 1\nreturn x", {"pass", "x -= 1", "x = 1"}),
        ("for v in x:\n    break\nreturn x", {"continue", "pass"}),
        ("return x + 0.0", {"x + 1.0", "x - 0.0"}),
    ],
)
def test_operators(body, wanted):
    texts, _ = changed(body)
    missing = {w for w in wanted if not any(w in text for text in texts)}
    assert not missing, f"have {texts}"


def test_only_the_solution_region_is_changed():
    texts, found = changed("return x + n", before="    n = n * 7\n", after="y = 1 + 2\n")
    assert texts == {"x - n"}
    assert all("n * 7" in m.source and "1 + 2" in m.source and "Doc 1." in m.source for m in found)


def test_docstrings_annotations_and_strings_are_left_alone():
    texts, _ = changed('"""Inner doc."""\nk: Float["3 4"] = g("mean")\nreturn k')
    assert texts == {"pass"}


@pytest.mark.parametrize("body", ["return np.logaddexp(x, n)", "return np.hypot(x, n)"])
def test_arguments_of_symmetric_functions_stay(body):
    texts, _ = changed(body)
    assert not any("(n, x)" in text for text in texts)


def test_same_code_does_not_count():
    """`x[0]` - 1 and `x[-1]`, or dropping a `pass`, give no second mutant; every mutant compiles to other code."""
    _, found = changed("y = x[0]\npass\nreturn y")
    assert len({m.source for m in found}) == len(found)
    assert len({m.key for m in found}) == len(found)


def test_keys_stay_when_the_text_above_moves():
    _, first = changed("return x + n")
    _, second = changed("return x + n", before="    # a remark\n    n = n\n")
    assert [m.key for m in first] == [m.key for m in second] == ['line 1: "x + n" → "x - n"']


def audit(tiny, harness):
    audited = tiny.read()
    run_answers(audited, harness)
    run_mutants(audited, harness)
    judge(audited, read_record(audited))
    return audited


def test_good_check_rejects_every_mutant(tiny, harness):
    audited = audit(tiny, harness)
    assert failures(audited) == []
    count = audited.report.exercises["double"].mutants
    assert count.good == count.total >= 4


def test_weak_check_lets_mutants_survive(tiny, harness):
    weak = "expect(subject(double).call(np.zeros(3)).shape == (3,), 'another shape')\n"
    tiny.cells["test"] = tiny.cells["test"].split("\n")[0] + "\n" + weak
    audited = audit(tiny, harness)
    told = failures(audited, "mutants")
    assert any("at least 90 % are needed" in message for message in told)
    assert any(message.startswith("survivor without a reason: line 1") for message in told)


def test_listed_survivor_is_accepted_and_an_idle_entry_is_not(tiny, harness):
    body = "y = 2 * x\n    if len(x) < 0:\n        y = 7 * x\n    return y"
    tiny.cells["answer"] = tiny.cells["answer"].replace("return 2 * x", body)
    audited = audit(tiny, harness)
    record = json.loads((audited.unit.tests / RECORD).read_text())["double"]
    assert record["survivors"]
    assert record["total"] - record["rejected"] == len(record["survivors"])
    lines = [f"'{key}' = \"a length is never negative\"" for key in record["survivors"]]
    (audited.unit.tests / SURVIVORS).write_text("\n".join(["[double]", *lines, "'line 9: gone' = \"old\""]))
    again = tiny.read()
    judge(again, read_record(again))
    told = [m for m in failures(again) if "90 %" not in m]
    assert told == ["listed as a survivor, but it is rejected or gone: line 9: gone"]


@pytest.mark.parametrize("key", ['line 1: "a" → "b"', "line 1: \"x['k']\" → \"x[0]\""])
def test_suggested_line_is_toml(key):
    import tomllib

    from autograder.audit.mutants import _toml

    assert tomllib.loads(f'[double]\n{_toml(key)} = "why"') == {"double": {key: "why"}}


@pytest.mark.parametrize("text", ["other = 3", "[twice]\nx = 'y'", "double = 'a reason for everything'"])
def test_survivors_of_no_exercise(tiny, harness, text):
    audited = tiny.read()
    audited.unit.tests.mkdir(parents=True, exist_ok=True)
    (audited.unit.tests / SURVIVORS).write_text(text)
    judge(audited, {})
    [message] = failures(audited)
    assert "not the table of an exercise" in message


def test_missing_record_names_the_command(tiny):
    audited = tiny.read()
    assert read_record(audited) == {}
    [failure] = audited.report.failures
    assert failure.mend == "course audit --mutants 01_tiny"


@pytest.mark.parametrize("text", ["", "[]", '{"double": 3}', '{"double": {"total": 1}}', "\x00"])
def test_damaged_record_is_a_failure_not_a_crash(tiny, text):
    audited = tiny.read()
    audited.unit.tests.mkdir(parents=True, exist_ok=True)
    (audited.unit.tests / RECORD).write_text(text)
    assert read_record(audited) == {}
    assert failures(audited, "mutants") == ["not a record of mutants"]


@pytest.mark.parametrize(("cell", "old", "new"), [("answer", "2 * x", "x * 2"), ("test", "20)", "21)")])
def test_record_goes_stale_with_the_solution_and_with_the_tests(tiny, harness, cell, old, new):
    audit(tiny, harness)
    tiny.cells[cell] = tiny.cells[cell].replace(old, new)
    audited = tiny.read()
    assert read_record(audited) == {}
    assert "stale" in failures(audited, "mutants")[0]


@pytest.mark.parametrize("name", ["tiny.py", "tiny_oracle.py", "tiny/oracles.py", "core/compare.py"])
def test_record_depends_on_every_file_of_the_checks(tiny, monkeypatch, tmp_path, name):
    """Checks are one module, a module with siblings, or a package; a change in any of these files counts."""
    audited, folder = tiny.read(), tmp_path / "checks"
    spec = SimpleNamespace(submodule_search_locations=[str(folder)])
    monkeypatch.setattr("autograder.audit.mutants.importlib.util.find_spec", lambda _: spec)
    (folder / name).parent.mkdir(parents=True)
    (folder / "other_oracle.py").write_text("A = 1\n")
    (folder / name).write_text("A = 1\n")
    [exercise] = audited.coded
    before = fingerprint(audited, exercise, [])
    (folder / "other_oracle.py").write_text("A = 2\n")
    assert fingerprint(audited, exercise, []) == before
    (folder / name).write_text("A = 2\n")
    assert fingerprint(audited, exercise, []) != before


def test_record_stays_fresh_when_only_prose_changes(tiny, harness):
    audit(tiny, harness)
    tiny.cells["intro"] = tiny.cells["intro"].replace("Twice", "Two times")
    audited = tiny.read()
    judge(audited, read_record(audited))
    assert failures(audited) == []
    assert audited.report.exercises["double"].mutants.total > 0

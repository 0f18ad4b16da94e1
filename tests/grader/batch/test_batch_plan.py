"""A result is found again exactly when nothing that decides the verdict has changed."""

from dataclasses import replace

import fakes
import pytest

from autograder.evidence.results import Graded, Results
from autograder.grade.plan import holds, make_plan, readable
from autograder.grade.task import Setting, result_key
from autograder.model.limits import Limits


def test_the_key_changes_with_all_that_decides_the_verdict(setting, assignment, course, tmp_path):
    weights, other = tmp_path / "w", tmp_path / "v"
    weights.write_bytes(b"1")
    other.write_bytes(b"2")
    anna = fakes.hand_in("anna")
    base = {"sandbox": "auto", "limits": Limits(), "seed_key": b"k", "roots": (course.root,)}
    settings = [
        setting, Setting.make(assignment, **base), Setting.make(assignment, **base | {"limits": Limits(processes=3)}),
        replace(setting, versions=replace(setting.versions, grader="2")),
        replace(setting, versions=replace(setting.versions, library="2")),
        replace(setting, versions=replace(setting.versions, environment={"torch": "3"})),
    ]
    keys = [result_key(anna, 1.0, each) for each in settings]
    keys += [
        result_key(anna, 1.5, setting), result_key(replace(anna, student="bert"), 1.0, setting),
        result_key(replace(anna, data=b"{}"), 1.0, setting), result_key(replace(anna, faults=("x",)), 1.0, setting),
        result_key(replace(anna, attachments={"w": weights}), 1.0, setting),
        result_key(replace(anna, attachments={"w": other}), 1.0, setting),
    ]
    assert len(set(keys)) == len(keys) == 12


def test_the_key_does_not_change_with_name_time_and_place(setting):
    anna = fakes.hand_in("anna")
    moved = replace(anna, name="A. M.", received=None, origin="elsewhere")
    assert result_key(anna, 1.0, setting) == result_key(moved, 1.0, setting)


def test_a_changed_check_changes_the_key(setting, course):
    folder = course.root / "course_lib"
    folder.mkdir()
    keys = []
    for text in ("x = 1", "x = 2"):
        (folder / "mean.py").write_text(text)
        made = Setting.make(setting.assignment(), sandbox="auto", limits=Limits(), seed_key=b"k", roots=(course.root,))
        keys.append(result_key(fakes.hand_in(), 1.0, made))
    assert keys[0] != keys[1]


@pytest.fixture
def stored(setting, task, assignment, tmp_path):
    """A store with the results of anna and bert, as `grade` makes them."""
    from autograder.evidence.record import Conditions, Record

    def make(student, sandbox="bwrap", trouble=None):
        made = task(fakes.hand_in(student))
        submission = fakes.read(made.handed_in, assignment)
        found = fakes.Examiner(assignment, sandbox=sandbox, limits=None, secret=b"", roots=()).examine(submission)
        conditions = Conditions(made.key, "", "", "", "", "", {}, 1.0, {}, "", "", trouble)
        return Graded(Record.make("02_mean", submission, found, conditions), submission.notebook)

    results = Results(tmp_path / "grades", b"key")
    results.write(make("anna"))
    results.write(make("bert"))
    results.make = make
    return results


def names(plan):
    return [t.handed_in.student for t, _ in plan.kept], [t.handed_in.student for t in plan.todo]


def test_exactly_what_is_missing_is_to_be_graded(setting, stored):
    items = [fakes.hand_in(s) for s in ("anna", "bert", "cleo")]
    plan = make_plan(items, setting, stored, lambda student: 1.0)
    assert names(plan) == (["anna", "bert"], ["cleo"])
    assert names(make_plan(items, setting, stored, lambda s: 1.0, regrade=True)) == ([], ["anna", "bert", "cleo"])
    longer = make_plan(items, setting, stored, lambda s: 2.0 if s == "anna" else 1.0)
    assert names(longer) == (["bert"], ["anna", "cleo"])


def test_a_changed_stored_result_is_graded_again_and_said(setting, stored):
    for file in stored.folder.glob("*.json"):
        file.write_text(file.read_text().replace('"score": 1.5', '"score": 1.0'))
    plan = make_plan([fakes.hand_in("anna")], setting, stored, lambda student: 1.0)
    assert names(plan) == ([], ["anna"])
    assert "was changed" in plan.notes[0]


def test_a_stored_result_stands_only_for_the_sandbox_it_was_made_in(stored):
    bwrap, none = stored.make("anna"), stored.make("anna", "none")
    assert [holds(bwrap, level) for level in ("auto", "bwrap", "docker", "none")] == [True, True, False, False]
    assert [holds(none, level) for level in ("auto", "bwrap", "docker", "none")] == [False, False, False, True]


def test_a_failure_of_the_grader_does_not_stand(stored):
    assert not holds(stored.make("anna", trouble="signal 9"), "auto")


def test_an_attachment_that_cannot_be_read_is_a_fault_of_this_submission(tmp_path):
    (tmp_path / "good").touch()
    anna = replace(fakes.hand_in(), attachments={"a": tmp_path / "good", "b": tmp_path / "none"})
    found = readable(anna)
    assert list(found.attachments) == ["a"]
    assert found.faults == ("b cannot be read: No such file or directory",)

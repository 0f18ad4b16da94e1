"""A notebook that nothing happened to: every answer arrives, nothing is said, only what is needed runs."""

import nbformat
import pytest
from intake_desk import UNITS, cell_of, desk_of

from autograder.intake.cells import CODE


@pytest.mark.parametrize("unit", UNITS)
def test_every_answer_arrives_and_nothing_is_said(unit):
    desk = desk_of(unit)
    read = desk.read(desk.notebook())
    assert read.refused is None
    assert read.answers == desk.answers
    assert read.repairs == ()
    assert read.flags == ()


@pytest.mark.parametrize("unit", UNITS)
def test_only_the_answers_run(unit):
    desk = desk_of(unit)
    steps = desk.read(desk.notebook()).steps
    coded = [exercise.grade_id for exercise in desk.assignment.coded]
    assert [step.label for step in steps if step.needed] == coded
    assert [step.grade_id for step in steps if step.kind == "answer"] == coded
    lessons = [c.source for c in desk.assignment.release.cells if c.cell_type == CODE and "nbgrader" not in c.metadata]
    assert len([step for step in steps if step.kind == "lesson"]) == len(lessons)


@pytest.mark.parametrize("unit", UNITS)
def test_the_rebuilt_notebook_is_the_release_with_answers(unit):
    desk = desk_of(unit)
    rebuilt = desk.read(desk.notebook()).notebook
    nbformat.validate(rebuilt)
    assert [c.source for c in rebuilt.cells] == [c.source for c in desk.notebook().cells]
    assert [c.metadata for c in rebuilt.cells] == [c.metadata for c in desk.assignment.release.cells]


@pytest.mark.parametrize("unit", UNITS)
def test_a_blank_release_has_only_stubs(unit):
    desk = desk_of(unit)
    read = desk.read(desk.assignment.release)
    assert read.answers == {c.metadata.nbgrader.grade_id: c.source for c in desk.assignment.release.cells
                            if c.metadata.get("nbgrader", {}).get("solution")}
    assert read.flags == ()


def test_an_answer_brings_the_cells_that_it_needs(ctc):
    notebook = ctc.notebook()
    at = cell_of(notebook, "collapse")
    notebook.cells[at].source = "def collapse(path, blank=0):\n    return helper(path, BLANK)"
    notebook.cells.insert(at, nbformat.v4.new_code_cell("def helper(path, blank):\n    return sorted(path, key=order)"))
    notebook.cells.insert(at, nbformat.v4.new_code_cell("BLANK = 0\n"))
    notebook.cells.insert(at, nbformat.v4.new_code_cell("unrelated = [1, 2]\n"))
    notebook.cells.append(nbformat.v4.new_code_cell("order = None"))
    steps = ctc.read(notebook).steps
    extra = {step.source.strip(): step.needed for step in steps if step.kind == "extra"}
    assert [needed for source, needed in extra.items() if "unrelated" in source] == [False]
    assert sum(extra.values()) == 3


def test_a_lesson_cell_runs_as_the_instructor_wrote_it_and_only_if_a_name_of_it_is_used(stft):
    notebook = stft.notebook()
    at = cell_of(notebook, "decibels")
    notebook.cells[at].source = "def decibels(X, floor=-80.0):\n    return spread(X, 0)"
    steps = stft.read(notebook).steps
    needed = [step for step in steps if step.needed and step.kind == "lesson"]
    assert any("def spread" in step.source for step in needed)
    assert len(needed) < 4

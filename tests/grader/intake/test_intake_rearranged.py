"""Cells moved, merged, deleted, edited, pasted elsewhere: the answer still arrives, and what was done is said."""


import nbformat
from intake_desk import cell_of, doubts, insert_after, runs
from nbformat.v4 import new_code_cell, new_markdown_cell


def test_upside_down(tasnet):
    notebook = tasnet.notebook()
    notebook.cells.reverse()
    read = tasnet.read(notebook)
    assert read.answers == tasnet.answers
    assert [c.source for c in read.notebook.cells] == [c.source for c in tasnet.notebook().cells]


def test_only_the_answers_were_handed_in(ctc):
    notebook = ctc.notebook()
    notebook.cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("solution")]
    read = ctc.read(notebook)
    assert read.answers == ctc.answers
    assert [c.source for c in read.notebook.cells] == [c.source for c in ctc.notebook().cells]


def test_all_code_in_one_cell_of_an_own_notebook(ctc):
    coded = [e.grade_id for e in ctc.assignment.coded]
    text = "import numpy as np\n!pip install numpy\n\n" + "\n\n".join(ctc.answers[g] for g in coded)
    own = nbformat.v4.new_notebook(cells=[new_code_cell(text)])
    read = ctc.read(own)
    assert read.refused is None
    for grade_id in coded:
        assert ctc.answers[grade_id].split("\n")[-1] in read.answers[grade_id]
    joined = "\n".join(step.source for step in read.steps if step.kind == "answer")
    assert joined.split() == text.replace("!pip install numpy", "None").split()
    assert doubts(read) == ["explain_spikes"]


def test_two_answers_in_one_cell_and_a_stub_left_behind(stft):
    release = {e.grade_id: e for e in stft.assignment.exercises}
    stub = stft.assignment.release.cells[cell_of(stft.assignment.release, "istft")].source
    both = stft.answers["istft"] + "\n\n" + stft.answers["stft"]
    notebook = stft.notebook(stft.answers | {"istft": stub, "stft": both})
    read = stft.read(notebook)
    assert set(read.answers) == set(release)
    assert read.answers["istft"] == stft.answers["istft"]
    assert read.answers["stft"] == stft.answers["stft"]
    assert not any(step.source == stub for step in read.steps)


def test_merged_with_the_check(stft):
    notebook = stft.notebook()
    at = cell_of(notebook, "stft")
    notebook.cells[at].source += "\n" + notebook.cells.pop(at + 1).source
    read = stft.read(notebook)
    assert read.answers == stft.answers
    assert read.flags == ()
    assert "checks.stft.stft(stft)" in [c.source for c in read.notebook.cells]


def test_the_check_was_edited(stft):
    notebook = stft.notebook()
    at = cell_of(notebook, "test_stft")
    notebook.cells[at].source = "print('all is fine')"
    read = stft.read(notebook)
    assert read.notebook.cells[at].source == "checks.stft.stft(stft)"
    assert not any("all is fine" in step.source for step in read.steps)
    assert any("test_stft" in r.what for r in read.repairs)


def test_the_answer_was_written_into_the_check(stft):
    release = stft.assignment.release.cells
    notebook = stft.notebook(stft.answers | {"stft": release[cell_of(stft.assignment.release, "stft")].source})
    at = cell_of(notebook, "test_stft")
    notebook.cells[at].source = stft.answers["stft"] + "\n\n" + notebook.cells[at].source
    read = stft.read(notebook)
    assert read.answers == stft.answers
    assert doubts(read) == ["stft"]


def test_answers_pasted_into_each_other_s_cells(stft):
    swapped = stft.answers | {"stft": stft.answers["istft"], "istft": stft.answers["stft"]}
    read = stft.read(stft.notebook(swapped))
    assert read.answers == stft.answers


def test_a_deleted_answer_is_said_and_flagged(stft):
    notebook = stft.notebook()
    del notebook.cells[cell_of(notebook, "griffin_lim")]
    read = stft.read(notebook)
    assert read.answers["griffin_lim"] is None
    assert doubts(read) == ["griffin_lim"]
    assert {g: a for g, a in read.answers.items() if a} == {g: a for g, a in stft.answers.items() if g != "griffin_lim"}


def test_a_renamed_function_without_any_mark_is_found_by_its_place(stft):
    notebook = stft.notebook()
    cell = notebook.cells[cell_of(notebook, "stft")]
    cell.source = cell.source.replace("def stft(", "def my_transform(")
    cell.metadata, cell.id = {}, "gone"
    read = stft.read(notebook)
    assert read.answers["stft"] == cell.source
    assert set(doubts(read)) == {"stft"}
    assert any("`my_transform`" in flag for flag in read.flags)


def test_prose_in_the_answer_cell(stft):
    notebook = stft.notebook()
    cell = notebook.cells[cell_of(notebook, "stft")]
    cell.source = "Here is my solution, it works:\n" + cell.source + "\nI hope that's fine"
    read = stft.read(notebook)
    assert read.answers["stft"] == cell.source
    compile(runs(read, "stft"), "answer", "exec")
    assert doubts(read) == ["stft"]


def test_magics(stft):
    notebook = stft.notebook()
    cell = notebook.cells[cell_of(notebook, "stft")]
    cell.source = "%%time\n%matplotlib inline\n!pip install librosa\nfiles = !ls\n" + cell.source + "\nstft?"
    read = stft.read(notebook)
    code = runs(read, "stft")
    compile(code, "answer", "exec")
    assert "get_ipython" not in code
    assert "pip" not in code
    assert read.answers["stft"] == cell.source
    assert read.flags == ()


def test_explained_in_a_new_cell_below(ctc):
    notebook = ctc.notebook(ctc.answers | {"explain_spikes": "YOUR ANSWER HERE"})
    insert_after(notebook, "explain_spikes", new_markdown_cell("Because the blank wins."))
    read = ctc.read(notebook)
    assert "Because the blank wins." in read.answers["explain_spikes"]


def test_explained_in_the_cell_of_the_question(ctc):
    notebook = ctc.notebook(ctc.answers | {"explain_spikes": "YOUR ANSWER HERE"})
    question = notebook.cells[cell_of(notebook, "explain_spikes") - 1]
    question.source += "\n\nBecause the blank wins."
    read = ctc.read(notebook)
    assert read.answers["explain_spikes"] == "Because the blank wins."
    assert doubts(read) == ["explain_spikes"]


def test_a_picture_in_an_explanation_stays_and_a_script_does_not(ctc):
    notebook = ctc.notebook()
    cell = notebook.cells[cell_of(notebook, "explain_spikes")]
    cell["attachments"] = {"plot.png": {"image/png": "aGk="}, "bad.svg": {"image/svg+xml": "<svg onload=x>"}}
    rebuilt = ctc.read(notebook).notebook
    assert rebuilt.cells[cell_of(rebuilt, "explain_spikes")].attachments == {"plot.png": {"image/png": "aGk="}}


def test_another_release(stft):
    notebook = stft.notebook()
    notebook.metadata.course.digest = "0" * 24
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and "nbgrader" not in cell.metadata:
            cell.source, cell.id = cell.source.replace(" the ", " a "), "old-" + cell.id
    read = stft.read(notebook)
    assert read.answers == stft.answers
    assert any("another release" in r.what for r in read.repairs)


def test_an_edited_lesson_cell_runs_after_the_instructor_s(stft):
    notebook = stft.notebook()
    at = next(i for i, c in enumerate(notebook.cells) if "def spread" in c.source)
    notebook.cells[at].source = notebook.cells[at].source + "\nMINE = 3"
    cell = notebook.cells[cell_of(notebook, "istft")]
    cell.source += "\n\nchosen = MINE"
    steps = [s for s in stft.read(notebook).steps if s.needed and "def spread" in s.source]
    assert "MINE" in steps[-1].source
    assert steps[-1].kind == "extra"


def test_another_unit_is_refused_by_name(stft, ctc):
    read = ctc.read(stft.notebook())
    assert "02 · The short-time Fourier transform" in read.refused
    assert set(read.answers.values()) == {None}
    assert [c.source for c in read.notebook.cells] == [c.source for c in ctc.assignment.release.cells]


def test_nothing_of_the_unit(stft):
    own = nbformat.v4.new_notebook(cells=[new_code_cell("print('hello')")])
    assert "nothing of the unit" in stft.read(own).refused
    assert "no cells" in stft.read(nbformat.v4.new_notebook()).refused

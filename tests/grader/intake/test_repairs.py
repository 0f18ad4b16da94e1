"""What people and programs do to notebooks by accident: the answer still arrives, and what was done is said."""

import copy
import json

import nbformat
import pytest
from conftest import cell_of
from nbformat.v4 import new_code_cell, new_markdown_cell

OWN = "def decibels(X, floor=-80.0):\n    return X.abs()"


def runs(read, grade_id):
    """The source of the step that answers."""
    return next(step.source for step in read.steps if step.grade_id == grade_id)


def doubts(read):
    return [r.grade_id for r in read.repairs if r.doubtful]


def insert_after(notebook, grade_id, *cells):
    at = cell_of(notebook, grade_id) + 1
    notebook.cells[at:at] = list(cells)


def test_marks_and_ids_are_gone(tasnet):
    notebook = tasnet.notebook()
    for cell in notebook.cells:
        cell.metadata = {}
        del cell["id"]
    notebook.nbformat_minor = 4
    read = tasnet.read(notebook)
    assert read.answers == tasnet.answers
    assert read.flags == ()
    assert read.repairs[0].grade_id is None  # one sentence for all


def test_only_the_cell_ids_are_left(stft):
    notebook = stft.notebook()
    for cell in notebook.cells:
        cell.metadata = {}
    assert stft.read(notebook).answers == stft.answers


def test_colab_keeps_the_id_in_the_metadata(ctc):
    text = json.loads(nbformat.writes(ctc.notebook()))
    text["nbformat_minor"] = 0
    for number, cell in enumerate(text["cells"]):
        cell["metadata"] = {"id": cell.pop("id"), "colab": {"base_uri": "https://localhost:8080/"}, "outputId": "x"}
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": [f"{number}\n"]}]
            cell["execution_count"] = None
    text["cells"].insert(0, {"cell_type": "markdown", "source": "<a>Open In Colab</a>",
                             "metadata": {"id": "view-in-github", "colab_type": "text"}})
    text["metadata"] = {"colab": {"provenance": []}, "accelerator": "GPU", "widgets": {"state": {}}}
    read = ctc.read(json.dumps(text))
    assert read.answers == ctc.answers
    assert read.flags == ()


def test_format_3(stft):
    cells = []
    for cell in stft.notebook().cells:
        old = {"cell_type": cell.cell_type, "metadata": {}}
        old["input" if cell.cell_type == "code" else "source"] = cell.source.splitlines(keepends=True)
        cells.append(old | ({"language": "python", "outputs": [], "collapsed": False} if "input" in old else {}))
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"cells": cells}]}
    assert stft.read(json.dumps(old)).answers == stft.answers


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_encodings(stft, encoding):
    read = stft.read(nbformat.writes(stft.notebook()).encode(encoding))
    assert read.answers == stft.answers
    assert any("was read as" in r.what for r in read.repairs)


def test_windows_letters_and_line_ends(stft):
    notebook = stft.notebook()
    notebook.cells[cell_of(notebook, "decibels")].source = "# für\r\n" + OWN.replace("\n", "\r\n")
    read = stft.read(json.dumps(notebook, ensure_ascii=False).encode("cp1252", errors="replace"))
    assert read.answers["decibels"] == "# für\n" + OWN


def test_copied_stub_is_no_second_answer(stft):
    notebook = stft.notebook()
    stub = stft.assignment.release.cells[cell_of(stft.assignment.release, "stft")]
    for at in (0, len(notebook.cells)):
        notebook.cells.insert(at, copy.deepcopy(stub))
        notebook.cells[at].id = f"copy-{at}"
    read = stft.read(notebook)
    assert read.answers == stft.answers
    assert read.flags == ()


def test_two_different_answers_the_last_one_counts_and_a_person_looks(stft):
    notebook = stft.notebook()
    second = copy.deepcopy(notebook.cells[cell_of(notebook, "decibels")])
    second.source, second.id = OWN, "second"
    insert_after(notebook, "decibels", second)
    read = stft.read(notebook)
    assert read.answers["decibels"] == OWN
    assert doubts(read) == ["decibels"]


def test_answer_in_a_new_cell_below_the_untouched_stub(stft):
    notebook = stft.notebook(stft.answers | {"decibels": stft.assignment.release.cells[26].source})
    insert_after(notebook, "decibels", new_code_cell(OWN))
    read = stft.read(notebook)
    assert read.answers["decibels"] == OWN
    assert [s.source for s in read.steps if s.needed and "decibels" in s.source] == [OWN]
    assert read.flags == ()


def test_a_comparison_below_the_check_does_not_replace_the_answer(stft):
    notebook = stft.notebook()
    insert_after(notebook, "test_decibels", new_code_cell(OWN + "\n\nnoise = 1"))
    notebook.cells[cell_of(notebook, "istft")].source += "\n\nlevel = noise"
    read = stft.read(notebook)
    assert read.answers["decibels"] == stft.answers["decibels"]
    order = [step.source for step in read.steps if step.needed and "def decibels" in step.source]
    assert order == [stft.answers["decibels"], OWN + "\n\nnoise = 1", stft.answers["decibels"]]


def test_a_value_that_has_the_name_of_an_answer(stft):
    notebook = stft.notebook()
    insert_after(notebook, "test_stft", new_code_cell("stft = signal.stft(speech, 512, 128)"))
    read = stft.read(notebook)
    assert read.answers == stft.answers
    assert [step.label for step in read.steps if step.needed] == [e.grade_id for e in stft.assignment.coded]


@pytest.mark.parametrize("line", range(1, 9))
@pytest.mark.parametrize("marked", [True, False])
def test_split_anywhere(ctc, line, marked):
    notebook = ctc.notebook()
    at = cell_of(notebook, "forward_backward")
    lines = notebook.cells[at].source.split("\n")
    rest = copy.deepcopy(notebook.cells[at]) if marked else new_code_cell()
    rest.id, rest.source = "rest", "\n".join(lines[line:])
    notebook.cells[at].source = "\n".join(lines[:line])
    notebook.cells.insert(at + 1, rest)
    read = ctc.read(notebook)
    assert "".join(read.answers["forward_backward"].split()) == "".join("\n".join(lines).split())
    compile(runs(read, "forward_backward"), "answer", "exec")


def test_split_in_the_middle_of_a_class(tasnet):
    notebook = tasnet.notebook()
    at = cell_of(notebook, "tcn_block")
    head, method = notebook.cells[at].source.split("\n    def forward")
    notebook.cells[at].source = head
    notebook.cells.insert(at + 1, new_code_cell("    def forward" + method))
    read = tasnet.read(notebook)
    assert "def forward" in read.answers["tcn_block"]
    assert any("2 cells" in r.what for r in read.repairs)


def test_imports_and_helper_in_a_cell_above(ctc):
    notebook = ctc.notebook()
    at = cell_of(notebook, "collapse")
    notebook.cells[at].source = "def collapse(path, blank=0):\n    return groups(path)"
    notebook.cells.insert(at, new_code_cell("from itertools import groupby\n\ndef groups(x):\n    return groupby(x)"))
    read = ctc.read(notebook)
    assert [s.kind for s in read.steps if s.needed][:2] == ["extra", "answer"]


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize("fence", [True, False])
def test_code_retyped(stft, kind, fence):
    notebook = json.loads(nbformat.writes(stft.notebook()))
    cell = notebook["cells"][cell_of(stft.notebook(), "istft")]
    cell["cell_type"] = kind
    if fence:
        cell["source"] = "```python\n" + "".join(cell["source"]) + "\n```"
    read = stft.read(json.dumps(notebook))
    assert read.answers == stft.answers
    cell["metadata"], cell["id"] = {}, "gone"
    assert stft.read(json.dumps(notebook)).answers == stft.answers


def test_words_retyped_as_code(stft):
    notebook = json.loads(nbformat.writes(stft.notebook()))
    notebook["cells"][cell_of(stft.notebook(), "explain_phase")]["cell_type"] = "code"
    read = stft.read(json.dumps(notebook))
    assert read.answers == stft.answers
    assert not any("explain" in step.label for step in read.steps)


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

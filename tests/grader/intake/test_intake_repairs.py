"""Marks lost, cells copied, torn, retyped: the answer still arrives, and what was done is said."""

import copy
import json

import nbformat
import pytest
from intake_desk import OWN, cell_of, doubts, insert_after, runs
from nbformat.v4 import new_code_cell


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

"""Notebooks as the programs of students save them: Colab, Kaggle, VS Code, JupyterLab, git, a text editor."""

import json
import uuid

import nbformat
from intake_desk import cell_of


def plain(desk, answers=None):
    return json.loads(nbformat.writes(desk.notebook(answers)))


def test_vs_code_renames_ids_and_adds_languages(ctc):
    top = plain(ctc)
    for cell in top["cells"]:
        cell["id"] = uuid.uuid4().hex[:8]
        cell["metadata"] |= {"vscode": {"languageId": "python"}}
    read = ctc.read(json.dumps(top))
    assert read.answers == ctc.answers
    assert read.repairs == ()


def test_kaggle(tasnet):
    top = plain(tasnet)
    first = {"cell_type": "code", "metadata": {"_uuid": "8f2839f2", "_cell_guid": "b1076dfc", "trusted": True},
             "source": "# This Python 3 environment comes with many helpful analytics libraries installed\n"
                       "import numpy as np\nimport os\nfor folder, _, names in os.walk('/kaggle/input'):\n    pass",
             "execution_count": None, "outputs": []}
    top["cells"].insert(0, first)
    for cell in top["cells"]:
        cell.pop("id", None)
        cell["metadata"]["execution"] = {"iopub.execute_input": "2026-01-01T00:00:00Z"}
    top["metadata"]["kaggle"] = {"accelerator": "none", "dataSources": []}
    top["nbformat_minor"] = 4
    read = tasnet.read(json.dumps(top))
    assert read.answers == tasnet.answers
    assert read.flags == ()
    assert not any(step.needed for step in read.steps if "kaggle" in step.source)


def test_colab_user_with_drive_and_pip(stft):
    top = plain(stft)
    added = "from google.colab import drive\ndrive.mount('/content/drive')\n!pip install -q librosa"
    top["cells"].insert(2, {"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [], "source": added})
    for cell in top["cells"]:
        cell["metadata"]["id"] = cell.pop("id", "q")
        if "outputs" in cell:
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "ok"}]
            cell["metadata"]["outputId"] = "1234"
    top["nbformat_minor"] = 0
    read = stft.read(json.dumps(top))
    assert read.answers == stft.answers
    assert read.flags == ()
    assert [s.label for s in read.steps if s.needed] == [e.grade_id for e in stft.assignment.coded]


def test_an_answer_copied_in_jupyterlab_and_left_as_a_stub_elsewhere(stft):
    top = plain(stft)
    at = cell_of(stft.notebook(), "istft")
    copied = json.loads(json.dumps(top["cells"][at])) | {"id": "another"}
    top["cells"][at]["source"] = stft.assignment.release.cells[at].source
    top["cells"].insert(at + 2, copied)
    read = stft.read(json.dumps(top))
    assert read.answers == stft.answers
    assert read.flags == ()


def test_marks_of_a_merge_in_git(stft):
    text = nbformat.writes(stft.notebook())
    at = text.index('"id": "test_decibels"')
    broken = text[:at] + '<<<<<<< HEAD\n   "x": 1,\n=======\n   "y": 2,\n>>>>>>> branch\n' + text[at:]
    read = stft.read(broken)
    assert read.answers == stft.answers
    assert any("damaged" in flag for flag in read.flags)


def test_a_comma_lost_in_a_text_editor(stft):
    text = nbformat.writes(stft.notebook()).replace('"cell_type": "markdown",', '"cell_type": "markdown"', 1)
    read = stft.read(text)
    assert read.answers == stft.answers
    assert read.flags


def test_keys_written_twice(stft):
    text = nbformat.writes(stft.notebook())
    read = stft.read(text.replace('"cell_type": "code",', '"cell_type": "raw", "cell_type": "code",'))
    assert read.answers == stft.answers
    assert any("twice" in flag for flag in read.flags)


def test_nan_and_endless_numbers(stft):
    top = plain(stft)
    top["metadata"]["score"] = float("nan")
    text = json.dumps(top).replace('"nbformat": 4', '"nbformat": ' + "4" * 5000)
    assert stft.read(text).answers == stft.answers


def test_tags_do_not_arrive(stft):
    top = plain(stft)
    for cell in top["cells"]:
        cell["metadata"]["tags"] = ["skip-execution", "raises-exception"]
    rebuilt = stft.read(json.dumps(top)).notebook
    assert not any("skip-execution" in json.dumps(c.metadata) for c in rebuilt.cells)


def test_other_kinds_of_files(stft):
    for data, word in ((b"", "empty"), (b"%PDF-1.7", "PDF"), (b"PK\x03\x04abc", "zip"), (b"<!doctype html>", "web"),
                       (b"def stft(x): pass", "not a notebook"), (b"[1, 2]", "no list of cells"), (b"{}", "no list")):
        read = stft.read(data)
        assert word in read.refused, data
        assert set(read.answers) == set(stft.answers)


def test_what_the_collector_found_is_said(stft):
    when = "2026-01-01T00:00:00+00:00"
    read = stft.read(stft.notebook(), faults=("Several notebooks were handed in.",), received=when)
    assert read.flags == ("Several notebooks were handed in.",)
    assert read.received == when
    assert stft.read(b"", faults=("No notebook was handed in.",)).refused == "No notebook was handed in."


def test_reading_twice_gives_the_same(tasnet):
    one, two = tasnet.read(tasnet.notebook()), tasnet.read(tasnet.notebook())
    assert one == two
    assert tasnet.read(one.notebook).answers == one.answers

"""Tables, recorded results, folded cards."""

import json
import math
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from course_lib import ui
from course_lib.ui.numbers import format_column, format_number

ROWS = [{"system": "mixture", "SI-SDR (dB)": 0.0, "parameters": 0}, {"system": "TasNet", "SI-SDR (dB)": 5.81}]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([5.8, -0.1], ["5.80", "−0.10"]),
        ([123.456, 1.0], ["123.5", "1.0"]),
        ([0.0123], ["0.012"]),
        ([2.5e-5, 1e-6], ["2.50e−05", "1.00e−06"]),
        ([-1e-9, 10.0], ["0.00", "10.00"]),
        ([1234567, -3], ["1,234,567", "−3"]),
        ([math.nan, math.inf, -math.inf, 1.0], ["nan", "∞", "−∞", "1.00"]),
        ([None, True, "a"], ["–", "yes", "a"]),
        ([np.float32(1.5), torch.tensor(2.5), np.int64(3)], ["1.50", "2.50", "3"]),
        ([12345.678], ["12,346"]),
        ([0.0], ["0.000"]),
    ],
)
def test_numbers_of_a_column(values, texts):
    assert format_column(values) == texts


def test_single_numbers():
    assert format_number(-1234.5) == "−1,234"
    assert format_number(3.14159, decimals=1) == "3.1"
    assert format_number(0.0001) == "1.00e−04"
    assert format_number(-0.04, decimals=1) == "0.0"


def test_table_is_readable_by_a_machine(outputs):
    ui.table(ROWS, title="Digits", caption="Higher is better.")
    tree = ElementTree.fromstring(f"<root>{outputs.html().replace('<br>', '<br/>')}</root>")
    rows = [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]
    assert rows == [["system", "SI-SDR (dB)", "parameters"], ["mixture", "0.00", "0"], ["TasNet", "5.81", "–"]]
    assert next(tree.iter("caption")).find("strong").text == "Digits"


def test_table_has_caption_and_scopes_and_is_escaped(outputs):
    ui.table([{"<i>": "<script>", "b&": 1}], title="<t>", caption='"c"')
    markup = outputs.html()
    assert markup.count('scope="col"') == 2
    assert markup.count('scope="row"') == 1
    assert "<caption" in markup
    for raw in ("<i>", "<script>", "<t>", 'b&"'):
        assert raw not in markup


def test_table_in_a_terminal_is_aligned(capsys):
    ui.table(ROWS, title="Digits")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Digits"
    assert len({len(line) for line in lines[1:3]}) == 1
    assert lines[3].split() == ["mixture", "0.00", "0"]


@pytest.mark.parametrize("rows", [[], [1], [{}], ["a"]])
def test_table_without_rows(outputs, rows):
    with pytest.raises(ValueError):
        ui.table(rows)
    assert not outputs


def test_results_show_and_record(outputs, monkeypatch, tmp_path):
    path = tmp_path / "deep" / "results.json"
    monkeypatch.setenv("COURSE_RESULTS", str(path))
    monkeypatch.setenv("COURSE_PROFILE", "smoke")
    rows = [{"system": "a", "x": np.float32(0.5), "n": torch.tensor(3), "bad": math.nan, "none": None, "ok": True}]
    ui.results(rows, title="One", seed=3, seconds=12.34, claim="A > B", verdict="yes")
    ui.results(ROWS, title="Two", seed=0, seconds=1)
    one, two = json.loads(path.read_text())
    assert set(one) == {"title", "rows", "seed", "seconds", "claim", "verdict", "profile", "device"}
    assert one["rows"] == [{"system": "a", "x": 0.5, "n": 3, "bad": "nan", "none": None, "ok": True}]
    assert (one["seed"], one["seconds"], one["claim"], one["profile"]) == (3, 12.3, "A > B", "smoke")
    assert two["title"] == "Two"
    assert [p.name for p in path.parent.iterdir()] == ["results.json"]
    assert "A &gt; B" in outputs.html(0)
    assert "seed 3" in outputs.html(0)


def test_results_without_a_file_only_show(outputs, monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_RESULTS", raising=False)
    monkeypatch.chdir(tmp_path)
    ui.results(ROWS, title="One", seed=0, seconds=1.0)
    assert len(outputs) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", ["{}", "not json", ""])
def test_results_never_overwrite_a_foreign_file(outputs, monkeypatch, tmp_path, content):
    path = tmp_path / "results.json"
    path.write_text(content)
    monkeypatch.setenv("COURSE_RESULTS", str(path))
    with pytest.raises(ValueError, match=r"results\.json"):
        ui.results(ROWS, title="One", seed=0, seconds=1.0)
    assert path.read_text() == content


def test_results_need_title_and_rows(outputs):
    with pytest.raises(ValueError, match="title"):
        ui.results(ROWS, title=" ", seed=0, seconds=1.0)
    with pytest.raises(ValueError, match="row"):
        ui.results([], title="x", seed=0, seconds=1.0)


def test_cards_fold_and_keep_markdown(outputs):
    ui.hint("Use $e^{i}$.")
    ui.card("<Goal>", "Some **text**")
    hint, card = (entry["data"]["text/markdown"] for entry in outputs)
    assert hint.startswith("<details><summary><strong>Hint</strong></summary>\n\nUse $e^{i}$.\n")
    assert card.startswith("<details open><summary><strong>&lt;Goal&gt;</strong></summary>")
    with pytest.raises(ValueError, match="text"):
        ui.hint(" ")

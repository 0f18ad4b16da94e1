"""A real notebook: executed by nbclient, exported by nbconvert, nothing on stderr, everything to be seen and heard."""

import os
import re
from pathlib import Path

import pytest

nbclient = pytest.importorskip("nbclient")
nbconvert = pytest.importorskip("nbconvert")
nbformat = pytest.importorskip("nbformat")
ROOT = Path(__file__).resolve().parents[3]

CELLS = [
    "import warnings\nimport numpy as np, torch\nfrom course_lib import train, ui\nui.setup()",
    "x = np.random.default_rng(0).normal(size=8000) / 9\n"
    "ui.show(ui.spectrogram(x, 8000).figure, 'White noise.')\nui.player({'noise': x}, 8000)",
    "def draw(window):\n"
    "    return ui.spectrogram(x, 8000, n_fft=window).figure, f'Window {window}.', {f'w{window}': x}\n"
    "demo = ui.explore(draw, question='Which?', sr=8000, window=[64, 256])\ndemo",
    "demo.controls['window'].value = 256",
    "warnings.warn('one warning')\nmodel = torch.nn.Linear(1, 1)\n"
    "history = train.fit(model, lambda step: torch.ones(2, 1), lambda m, b: m(b).square().mean(), steps=3)\n"
    "ui.table(history.table(2), title='Loss')\nui.hint('Use $x^2$.')",
]


@pytest.fixture(scope="module")
def notebook():
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    env = {**os.environ, "PYTHONPATH": str(ROOT), "COURSE_PROFILE": "smoke"}
    env.pop("MPLBACKEND", None)
    nbclient.NotebookClient(nb, timeout=300, kernel_name="python3").execute(env=env)
    return nb


def pictures(cell):
    return [o["metadata"]["image/png"]["alt"] for o in cell.outputs if "image/png" in o.get("data", {})]


def test_nothing_is_written_to_stderr(notebook):
    streams = [o.name for cell in notebook.cells for o in cell.outputs if o.output_type == "stream"]
    assert set(streams) == {"stdout"}


def test_each_figure_appears_once(notebook):
    assert [pictures(cell) for cell in notebook.cells] == [[], ["White noise."], ["Window 256."], [], []]


def test_moving_the_control_later_changed_the_output_of_the_cell_above(notebook):
    outputs = notebook.cells[2].outputs
    assert len(outputs) == 4  # question, controls, picture, players; the object itself displays nothing
    assert 'aria-label="w256' in outputs[3]["data"]["text/html"]


def test_the_exported_page_shows_and_plays_everything(notebook):
    page, _ = nbconvert.HTMLExporter().from_notebook_node(notebook)
    assert re.findall(r'<img [^>]*alt="([^"]*)"', page) == ["White noise.", "Window 256."]
    assert len(re.findall(r"<audio [^>]*data:audio/wav", page)) == 2
    assert "No description has been provided" not in page
    assert "<caption" in page
    assert "Hint" in page


def test_no_output_is_large(notebook):
    size = sum(len(o["data"].get("image/png", "")) for c in notebook.cells for o in c.outputs if "data" in o)
    assert size < 400_000

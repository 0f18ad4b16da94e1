"""`course run`: what is recorded, and that nothing is when a cell fails."""

import datetime
import json
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.course import Unit
from autograder.errors import CourseError
from autograder.processes import notebook_environment
from autograder.run import Profile, execute, record, run

TABLE = {"title": "Errors", "rows": [{"system": "baseline", "error": 0.5}], "seed": 3, "seconds": 12.34, "claim": "c",
         "verdict": "v", "device": "one CPU", "profile": "laptop"}


@pytest.fixture
def unit(tmp_path):
    unit = Unit(tmp_path, "01_tiny", "T", 0, 1, 1, "any", (), (), (), "tiny")
    unit.source.parent.mkdir(parents=True)
    return unit


def test_record_keeps_what_other_profiles_recorded(unit):
    record(unit, "laptop", [TABLE], 20)
    record(unit, "full", [{**TABLE, "device": "one GPU"}, TABLE], 5)
    recorded = json.loads(unit.results.read_text())
    assert recorded.keys() == {"full", "laptop"}
    assert recorded["laptop"]["device"] == "one CPU"
    assert recorded["laptop"]["seconds"] == 12.3
    assert recorded["full"]["seconds"] == 24.7
    assert recorded["laptop"]["date"] == datetime.date.today().isoformat()
    assert recorded["laptop"]["tables"][0]["rows"] == TABLE["rows"]


def test_record_is_what_the_builder_reads(unit):
    from autograder.generated import results

    record(unit, "laptop", [TABLE], 20)
    [cell] = results(unit)
    assert "baseline" in cell.source
    assert "one CPU" in cell.source


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_damaged_record_is_refused_and_kept(unit, text):
    unit.results.write_text(text)
    with pytest.raises(CourseError, match="not a record"):
        record(unit, "laptop", [TABLE], 20)
    assert unit.results.read_text() == text


def run_cells(unit, tmp_path, *sources, results: Path | None = None):
    cells = []
    for number, source in enumerate(sources):
        cells.append(new_code_cell(source))
        cells[-1].metadata["course"] = {"line": 10 * number + 1}
    notebook = new_notebook(cells=cells)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    execute(notebook, unit, notebook_environment(scratch, profile="smoke", results=results), folder=tmp_path)
    return notebook


def test_output_is_shown_while_it_runs_and_the_profile_reaches_the_kernel(unit, tmp_path, capsys):
    file = tmp_path / "results.json"
    run_cells(
        unit, tmp_path, "import os\nprint('profile', os.environ['COURSE_PROFILE'])",
        "open(os.environ['COURSE_RESULTS'], 'w').write('[]');", results=file,
    )
    out = capsys.readouterr().out
    assert "profile smoke" in out
    assert "[cell 2/2]" in out
    assert file.read_text() == "[]"


def test_failing_cell_names_its_line_in_the_source(unit, tmp_path):
    with pytest.raises(CourseError) as failure:
        run_cells(unit, tmp_path, "x = 1", "y = 2\nraise ValueError('too short')", "z = 3")
    assert failure.value.line == 11 + 2
    assert "ValueError: too short" in failure.value.message
    assert "nothing was recorded" in failure.value.mend


def test_kernel_that_dies(unit, tmp_path):
    with pytest.raises(CourseError, match="kernel died"):
        run_cells(unit, tmp_path, "import os\nos._exit(1)")


def test_names_of_the_weights_settings_are_those_that_the_library_reads():
    from autograder import run
    from course_lib.models import trained_weights

    assert (run.KEEP_IN, run.COMMAND) == (trained_weights.KEEP_IN, trained_weights.COMMAND)
    assert (Path(run.__file__).parents[1] / run.WEIGHTS) == trained_weights.FOLDER


def test_a_smoke_run_does_not_replace_trained_weights():
    with pytest.raises(CourseError, match="not trained"):
        run("13", Profile.smoke, weights=True)

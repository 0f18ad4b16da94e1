"""A build: the same bytes every time, the round trip through jupytext, and work of a person is never lost."""

import copy
import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mini import GAIN, MEAN
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.build import build_unit, read_notebook
from autograder.cli import main
from autograder.course import Course
from autograder.files import write_all
from autograder.percent import canonical
from autograder.release import digest
from autograder.source import exercises, read_source

UNITS = ["01_gain", "02_mean"]


def main_status(arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    return caught.value.code


def files(root):
    return {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}


def edit(path, cell=2, text="\nmine"):
    notebook = read_notebook(path)
    notebook.cells[cell].source += text
    nbformat.write(notebook, path)


def test_two_builds_give_the_same_bytes_in_another_process_too(root):
    assert main_status(["build"]) == 0
    first = files(root)
    for path in (*root.glob("*/*/*.ipynb"),):
        path.unlink()
    subprocess.run([sys.executable, "-m", "autograder", "build"], cwd=root, check=True, capture_output=True,
                   env=os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": os.pathsep.join(sys.path)})
    assert files(root) == first


def test_notebooks_are_valid_and_ids_unique(course):
    for unit in course.units.values():
        built = build_unit(course, unit)
        for notebook in (built.solved, built.release):
            nbformat.validate(notebook)
            ids = [cell.id for cell in notebook.cells]
            assert len(set(ids)) == len(ids)
        assert [c.id for c in built.solved.cells] == [c.id for c in built.release.cells]


def test_ids_stay_when_another_cell_changes_and_repeats_are_numbered(course):
    unit = course.units["01_gain"]
    before = {cell.id for cell in read_source(course, unit).cells}
    unit.source.write_text(GAIN.replace("# ## A gain is a factor", "# ## A gain is a number")
                           + "\n# %%\nprint(1)\n\n# %%\nprint(1)\n")
    after = [cell.id for cell in read_source(course, unit).cells]
    assert len(before - set(after)) == 1
    assert sum(i.endswith("-2") for i in after) == 1


def test_the_release_is_blank_and_locked(course):
    release = build_unit(course, course.units["01_gain"]).release
    cells = {cell.id: cell for cell in release.cells}
    assert "raise NotImplementedError()" in cells["scale"].source
    assert "decibels" in cells["scale"].source, "the docstring stays"
    assert cells["test_scale"].metadata.editable is False
    assert "secret_gain" not in str(release)
    assert cells["explain_gain"].source == "**Explain.** Why do two gains in dB add?\n\nYOUR ANSWER HERE"
    assert cells["course-setup"].metadata.nbgrader.locked is True
    assert "jupytext" not in release.metadata


def test_exercises_join_an_answer_with_its_tests(course):
    found = exercises(read_source(course, course.units["01_gain"]))
    assert [(e.grade_id, len(e.tests), e.points, e.manual) for e in found] == [
        ("scale", 1, 2, False), ("explain_gain", 0, 2, True),
    ]
    assert GAIN.splitlines()[found[0].line - 1].startswith('# %% nbgrader={"grade_id": "scale"')


def test_header_and_footer_come_from_course_toml(course):
    first, last = (read_source(course, course.units["02_mean"]).cells[i].source for i in (0, -1))
    assert first.startswith("# 02 · The mean\n")
    assert "colab.research.google.com/github/example/audio/blob/main/notebooks/02_mean/02_mean.ipynb" in first
    assert "| 10 min | 1.5 | any | spoken digits | [01 · Gain](../01_gain/01_gain.ipynb) |" in first
    assert "← [01 · Gain](../01_gain/01_gain.ipynb)" in last


@pytest.mark.parametrize("name", UNITS)
def test_saving_the_notebook_elsewhere_and_syncing_gives_the_source_back(root, name):
    assert main_status(["build"]) == 0
    before = files(root)
    source, solved = (root / f"solutions/{name}/{name}{suffix}" for suffix in (".py", ".ipynb"))
    shutil.copy(solved, solved.with_suffix(".copy"))
    source.unlink()
    subprocess.run([sys.executable, "-m", "jupytext", "--sync", str(solved)], check=True, capture_output=True)
    assert source.read_bytes() != before[source], "jupytext alone writes generated cells and full metadata"
    shutil.move(solved.with_suffix(".copy"), solved)
    assert main_status(["build"]) == 0
    assert files(root) == before


@given(st.lists(st.tuples(
    st.sampled_from(["code", "markdown"]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).map(str.strip)
    .filter(bool),
), min_size=1, max_size=6))
@settings(max_examples=150, deadline=None)
def test_the_canonical_form_is_a_fixed_point(cells):
    make = {"code": new_code_cell, "markdown": new_markdown_cell}
    notebook = new_notebook(cells=[make[kind](text) for kind, text in cells if not text.startswith(("%", "#", "!"))])
    if not notebook.cells:
        return
    once = canonical(jupytext.writes(notebook, fmt="py:percent"), "x.py")
    assert canonical(once, "x.py") == once


def test_a_source_with_other_spacing_is_brought_to_the_canonical_form(root):
    source = root / "solutions/02_mean/02_mean.py"
    source.write_text("# ---\n# jupyter:\n#   jupytext:\n#     formats: ipynb,py:percent\n# ---\n\n"
                      + MEAN.replace("\n\n# %%", "\n\n\n\n# %%") + "\n\n")
    assert main_status(["build", "--check"]) == 1
    assert main_status(["build"]) == 0
    assert source.read_text() == MEAN


def test_check_names_the_file_and_the_first_cell_and_writes_nothing(root, capsys):
    assert main_status(["build"]) == 0
    source = root / "solutions/01_gain/01_gain.py"
    source.write_text(GAIN.replace("np.ones(4)", "np.ones(5)"))
    before = files(root)
    assert main_status(["build", "--check"]) == 1
    err = capsys.readouterr().err
    assert "solutions/01_gain/01_gain.ipynb: differs from its source: cell 4" in err
    assert "notebooks/01_gain/01_gain.ipynb: differs from its source: cell 4" in err
    assert files(root) == before
    assert main_status(["build"]) == 0
    assert main_status(["build", "--check"]) == 0


def test_an_edited_release_is_refused_and_force_overwrites(root, capsys):
    assert main_status(["build"]) == 0
    before = files(root)
    release = root / "notebooks/01_gain/01_gain.ipynb"
    edit(release)
    edited = release.read_bytes()
    assert main_status(["build"]) == 1
    assert "notebooks/01_gain/01_gain.ipynb: this notebook was edited by hand" in capsys.readouterr().err
    assert release.read_bytes() == edited
    assert main_status(["build", "--force"]) == 0
    assert files(root) == before


def test_an_edited_solved_notebook_is_refused_unless_the_source_holds_the_edit(root, capsys):
    assert main_status(["build"]) == 0
    solved, source = root / "solutions/01_gain/01_gain.ipynb", root / "solutions/01_gain/01_gain.py"
    edit(solved)
    assert main_status(["build"]) == 1
    assert "jupytext --sync solutions/01_gain/01_gain.ipynb" in capsys.readouterr().err
    future = source.stat().st_mtime + 100
    os.utime(solved, (future, future))
    subprocess.run([sys.executable, "-m", "jupytext", "--sync", str(solved)], check=True, capture_output=True)
    assert main_status(["build"]) == 0
    assert "# mine" in source.read_text()
    assert source.read_text().count("# %%") == GAIN.count("# %%")


def test_running_a_notebook_is_not_editing_it(root):
    assert main_status(["build"]) == 0
    solved = root / "solutions/01_gain/01_gain.ipynb"
    notebook = read_notebook(solved)
    before = digest(notebook)
    notebook.cells[3].outputs = [nbformat.v4.new_output("stream", text="4.0")]
    notebook.cells[3].execution_count = 3
    assert digest(notebook) == before
    nbformat.write(notebook, solved)
    assert main_status(["build", "--check"]) == 1
    assert main_status(["build"]) == 0


def test_a_damaged_notebook_is_one_line(root, capsys):
    assert main_status(["build"]) == 0
    (root / "notebooks/01_gain/01_gain.ipynb").write_text("{")
    assert main_status(["build"]) == 1
    assert "notebooks/01_gain/01_gain.ipynb: not a notebook" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "message"), [
    (errno.ENOSPC, "free some disk space"), (errno.EROFS, "read-only"), (errno.EACCES, "may not write"),
])
def test_a_disk_fault_leaves_everything_as_it_was(root, monkeypatch, capsys, number, message):
    assert main_status(["build"]) == 0
    (root / "solutions/01_gain/01_gain.py").write_text(GAIN.replace("np.ones(4)", "np.ones(5)"))
    before, calls = files(root), []

    def fail(handle):
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fail)
    assert main_status(["build"]) == 1
    assert message in capsys.readouterr().err
    assert files(root) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_checkout(root, capsys):
    (root / "notebooks").mkdir()
    (root / "notebooks").chmod(0o500)
    assert main_status(["build"]) == 1
    assert "may not write" in capsys.readouterr().err


def test_write_all_keeps_permissions(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    path.chmod(0o640)
    write_all({path: "new", tmp_path / "b" / "c": "c"})
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b"]


def test_recorded_results_stand_behind_the_results_cell(root, course):
    rows = [{"gain": 6.02, "name": "a|b"}, {"gain": 20, "other": 1}]
    table = {"title": "Gains", "rows": rows, "claim": "It doubles.", "verdict": "It does."}
    record = {"date": "2026-01-02", "device": "2 CPU cores", "seed": 0, "seconds": 12.3, "tables": [table]}
    unit = course.units["01_gain"]
    unit.results.write_text(json.dumps({"full": record, "laptop": record}))
    cells = read_source(course, unit).cells
    at = next(i for i, cell in enumerate(cells) if "results" in cell.metadata.get("tags", []))
    text = cells[at + 1].source
    assert cells[at + 1].metadata.course.generated == "results"
    assert text.index("profile `laptop`") < text.index("profile `full`")
    assert "| gain | name | other |\n|---:|---|---:|\n| 6.02 | a\\|b |  |\n| 20 |  | 1 |" in text
    assert "2 CPU cores, 12 s, seed 0, 2026-01-02" in text
    assert "Claim: It doubles." in text
    unit.results.write_text("{")
    assert main_status(["build"]) == 1


def test_results_without_a_tagged_cell_are_refused(course, capsys):
    unit = course.units["02_mean"]
    unit.results.write_text('{"laptop": {"date": "d", "device": "d", "seed": 0, "seconds": 1, "tables": []}}')
    assert main_status(["build", "02"]) == 1
    assert "no cell is tagged" in capsys.readouterr().err


def test_the_units_of_this_checkout_are_built():
    """Every committed notebook is what its source gives; the round trip is the canonical form."""
    course = Course.load(Path(__file__).parents[3])
    units = [unit for unit in course.units.values() if unit.source.exists()]
    assert len(units) >= 4
    for unit in units:
        built = build_unit(course, unit)
        text = unit.source.read_text()
        assert built.source == text, f"run `course build {unit.name}`"
        notebook = copy.deepcopy(built.solved)
        assert canonical(jupytext.writes(notebook, fmt="py:percent"), unit.source) == text

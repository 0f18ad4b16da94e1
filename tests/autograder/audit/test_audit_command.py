"""The command: its table and JSON, exit status, and what it says to bad input."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time

import pytest
from rich.console import Console
from tiny_course import SETUP, UNIT

from autograder.audit import runner, subject
from autograder.audit.progress import Steps
from autograder.audit.report import Count, ExerciseReport, UnitReport, to_json
from autograder.audit.runner import Options, run_audit
from autograder.audit.table import print_reports
from autograder.build import build_unit
from autograder.course import Course
from autograder.files import write_all
from autograder.processes import PACKAGE_ROOT


@pytest.fixture
def light(monkeypatch):
    """The setup cell of the tiny course in place of the generated one."""
    monkeypatch.setattr(subject.AuditedUnit, "setup", SETUP)


def audit(tiny, *, mutants=True):
    audited = tiny.read()
    write_all(build_unit(audited.course, audited.unit).texts())
    with Steps(quiet=True) as steps:
        options = Options(jobs=2, mutants=mutants, fast=True)
        return run_audit(audited.course, list(audited.course.units.values()), options, steps)


def shown(reports):
    console = Console(width=120, record=True, file=open(os.devnull, "w"))  # noqa: SIM115
    print_reports(reports, console, fast=True, wall_seconds=1)
    return console.export_text()


def test_good_course(tiny, light):
    reports = audit(tiny)
    assert [f.message for r in reports for f in r.failures] == []
    text = shown(reports)
    assert "every gate is met" in text
    assert "3/3" in text
    assert "2/2" in text


def test_one_bad_thing_is_shown_with_file_and_mend(tiny, light):
    tiny.answer("wrong_but_not", "Not a mistake.\n\nExpect: x", "def double(x):\n    return x * 2.0")
    text = shown(audit(tiny))
    assert "1 failure" in text
    assert "“Not a mistake.” passes" in text
    assert "double/wrong_but_not.py" in text
    assert "the check lacks a case" in text


def test_second_run_without_mutants_reads_the_record(tiny, light):
    audit(tiny)
    [report] = audit(tiny, mutants=False)
    assert report.passed
    assert report.exercises["double"].mutants.total > 0


def test_malformed_unit_is_a_failure_and_not_the_end(tiny, light):
    tiny.cells["test"] = tiny.cells["test"].replace('"points": 2', '"points": 5')
    audited_course = Course.load(tiny.root)
    unit = audited_course.units[UNIT]
    unit.source.parent.mkdir(parents=True)
    unit.source.write_text("\n".join(tiny.cells.values()))
    with Steps(quiet=True) as steps:
        [report] = run_audit(audited_course, [unit], Options(jobs=1, fast=True), steps)
    assert [f.gate for f in report.failures] == ["source"]
    assert "points add up" in report.failures[0].message


def test_setup_cell_that_fails_is_a_failure(tiny, monkeypatch):
    monkeypatch.setattr(subject.AuditedUnit, "setup", "import nowhere_to_be_found")
    [report] = audit(tiny)
    assert any(f.gate == "harness" and "nowhere_to_be_found" in f.message for f in report.failures)


def test_interrupt_of_the_nbgrader_step_becomes_one_keyboard_interrupt(tiny, monkeypatch):
    class Endless:
        def __init__(self, *_):
            raise KeyboardInterrupt

    monkeypatch.setattr(runner, "StockRun", Endless)
    with Steps(quiet=True) as steps, pytest.raises(KeyboardInterrupt):
        runner._stock_nbgrader([tiny.read()], Options(jobs=2), steps)


def test_json_holds_everything(tmp_path):
    report = UnitReport("01_tiny", {"double": ExerciseReport("double", 2, False, 2.0, 0.0, Count(3, 3))})
    report.fail("links", "gone", exercise="double", file=tmp_path / "x.py", line=3, mend="mend it")
    data = json.loads(json.dumps(to_json([report], seed="s", wall_seconds=1.25)))
    assert data["passed"] is False
    unit = data["units"]["01_tiny"]
    assert unit["exercises"]["double"]["wrong"] == {"good": 3, "total": 3}
    assert unit["failures"][0]["line"] == 3
    assert unit["failures"][0]["file"].endswith("x.py")


@pytest.mark.parametrize(("arguments", "said"), [(["99_nowhere"], "no unit '99_nowhere'"), (["--jobs", "0"], "jobs")])
def test_bad_input_is_one_line_and_not_status_0(arguments, said, tiny):
    env = dict(os.environ, PYTHONPATH=str(PACKAGE_ROOT), COLUMNS="200")
    done = subprocess.run([sys.executable, "-m", "autograder", "audit", *arguments], cwd=tiny.root, env=env,
                          capture_output=True, text=True)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_audit_and_every_process_of_it(tiny, number):
    import psutil

    tiny.cells["lesson"] = "# %%\nimport time\ntime.sleep(300)\n"
    tiny.read()
    (tiny.root / "sitecustomize.py").write_text(
        "import autograder.generated, nbformat\n"
        "cell = autograder.generated.setup\n"
        "def light(course):\n    made = cell(course)\n    made.source = " + repr(SETUP) + "\n    return made\n"
        "autograder.generated.setup = light\n"
    )
    env = dict(os.environ, PYTHONPATH=os.pathsep.join([str(PACKAGE_ROOT), str(tiny.root)]))
    audit = subprocess.Popen([sys.executable, "-m", "autograder", "audit"], cwd=tiny.root, env=env,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    family = []
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and audit.poll() is None:
        with contextlib.suppress(psutil.Error):
            family = psutil.Process(audit.pid).children(recursive=True)
            if sum("ipykernel_launcher" in " ".join(p.cmdline()) for p in family) == 2:
                break
        time.sleep(0.2)
    audit.send_signal(number)
    _, said = audit.communicate(timeout=60)
    assert audit.returncode == 130, said
    assert "interrupted" in said
    assert psutil.wait_procs(family, timeout=10)[1] == []
    assert len(family) >= 4

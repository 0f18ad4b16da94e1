"""Solution and blank release through real stock nbgrader, on units that are broken in one way each."""

import contextlib
import threading

import pytest
from tiny_course import failures

from autograder.audit import gradebook
from autograder.audit.gradebook import BLANK, SOLVED, StockRun
from autograder.processes import Interrupted, supervise


def audit(tiny):
    audited = tiny.read()
    run = StockRun(audited, "private", 1, threading.Event())
    try:
        for student in (SOLVED, BLANK):
            run.grade(student)
        run.judge()
    finally:
        run.close()
    return audited


@pytest.mark.slow
def test_good_unit(tiny):
    audited = audit(tiny)
    assert failures(audited) == []
    double, explain = audited.report.exercises.values()
    assert (double.solution, double.blank) == (2, 0)
    assert (explain.solution, explain.blank) == (None, 0)
    assert 0 < audited.report.seconds < 60
    assert 50 << 20 < audited.report.peak_bytes < 3 << 30


@pytest.mark.slow
def test_everything_that_the_kernel_can_show(tiny, monkeypatch):
    """One run, many faults: each is told apart from the others."""
    monkeypatch.setattr(gradebook, "WALL_SECONDS", 1.0)
    monkeypatch.setattr(gradebook, "PEAK_BYTES", 1 << 20)
    monkeypatch.setattr(gradebook.StockCourse, "autograde", _patient(gradebook.StockCourse.autograde))
    lesson = "# %%\nimport time\ntime.sleep(1.1)\nprint(double(np.arange(3)))\n"
    picture = "# %%\nfrom IPython.display import Image, display\ndisplay(Image(data=b'x', format='png'))\n"
    broken = "# %%\nundefined_name\n"
    tiny.cells["test"] = "\n".join([
        tiny.cells["test"], lesson, picture, broken,
        '# %% nbgrader={"grade_id": "test_stderr", "points": 0.5}\nimport sys\nprint("psst", file=sys.stderr)\n',
        '# %% nbgrader={"grade_id": "test_number", "points": 0.25}\n0.125\n',
        '# %% nbgrader={"grade_id": "test_nothing", "points": 0.25}\nassert True\n',
    ])
    tiny.cells["test"] = tiny.cells["test"].replace('"points": 2}', '"points": 1}')
    audited = audit(tiny)
    told = {gate: " | ".join(failures(audited, gate)) for gate in {f.gate for f in audited.report.failures}}
    assert "writes to stderr: psst" in told["solution score"]
    assert "0.125 of 0.25 points for test_number" in told["solution score"]
    assert "test_double" not in told["solution score"]
    assert "test_nothing" in told["blank score"]
    assert "test_double" not in told["blank score"]
    assert "NameError: name 'undefined_name'" in told["solution runs"]
    assert "NotImplementedError" in told["blank runs"]
    assert "no alt text" in told["alt text"]
    assert "takes" in told["time"]
    assert "GB" in told["memory"]


def _patient(autograde):
    """The real command without the time limit that follows from WALL_SECONDS."""
    return lambda self, *args, **options: autograde(self, *args, **{**options, "timeout": 120})


@pytest.mark.slow
def test_results_that_differ_between_two_runs(tiny):
    code = (
        "# %%\nimport json, os\nvalue = np.random.default_rng().standard_normal()\n"
        'table = {"title": "Draws", "rows": [{"value": value, "seconds": value}]}\n'
        'open(os.environ["COURSE_RESULTS"], "w").write(json.dumps([table]));\n'
    )
    tiny.cells["lesson"] += "\n" + code
    [message] = failures(audit(tiny))
    assert "“Draws” differs from run to run" in message
    assert "seconds" not in message


def test_interrupt_leaves_no_process(tmp_path):
    """A child and its grandchild, which leads a session of its own as a Jupyter kernel does, are both ended."""
    import os
    import sys

    import psutil

    pid_file = tmp_path / "pid"
    code = (
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
        f"open({str(pid_file)!r}, 'w').write(str(p.pid))\ntime.sleep(60)\n"
    )
    stop = threading.Event()

    def interrupt():
        while not pid_file.exists() or not pid_file.read_text():
            stop.wait(0.05)
        stop.set()

    watcher = threading.Thread(target=interrupt)
    watcher.start()
    with pytest.raises(Interrupted):
        supervise([sys.executable, "-c", code], cwd=tmp_path, env=os.environ, timeout=60, stop=stop)
    watcher.join()
    with contextlib.suppress(psutil.NoSuchProcess):  # a zombie, until the first process of the system collects it
        assert psutil.Process(int(pid_file.read_text())).status() == psutil.STATUS_ZOMBIE


def test_time_limit(tmp_path):
    import os
    import sys

    done = supervise([sys.executable, "-c", "print('hi', flush=True); import time; time.sleep(60)"], cwd=tmp_path,
                     env=os.environ, timeout=1)
    assert done.timed_out
    assert done.output == "hi\n"
    assert 1 <= done.seconds < 10

"""Simulated faults of a machine: each is one row with a state and a mend, and the doctor survives them all."""

import errno
import json
import shutil
import sys
from collections import namedtuple
from types import SimpleNamespace

import pytest

from autograder import doctor, probes
from autograder.cli import main
from autograder.probes import isolation, libraries, notebooks, surroundings
from autograder.sandbox import usable
from course_lib.data import datasets

CUDA = "OSError: libcudart.so.13: cannot open shared object file: No such file or directory"
SYMBOL = "OSError: /x/torchaudio/lib/libtorchaudio.so: undefined symbol: _ZNK5torch8autograd4Node4nameEv"


@pytest.fixture
def interpreter(monkeypatch):
    """A fresh interpreter that says what the test wants: (torch's answer, torchaudio's stderr)."""
    def set_up(torch_version, error="", *, torch_error="", have="2.11.0"):
        def run(code):
            if "torchaudio" in code:
                return (1, "", f"Traceback\n  File x\n{error}\n") if error else (0, "", "")
            return (1, "", torch_error) if torch_error else (0, json.dumps([torch_version, "", 2]) + "\n", "")

        monkeypatch.setattr(libraries, "run_python", run)
        monkeypatch.setattr(libraries, "version", {"torch": torch_version, "torchaudio": have}.get)
        return {f.what: f for f in libraries.torch_pair()}
    return set_up


@pytest.mark.parametrize(("version", "error", "why"), [
    ("2.12.1+cpu", CUDA, "needs PyPI's torch, not the +cpu build"),
    ("2.15.0", SYMBOL, "cannot work with torch 2.15"),
    ("2.13.1+cu130", SYMBOL, "cannot work with torch 2.13"),
    ("2.12.1+cu126", CUDA, "built for cu126"),
    ("2.12.1", SYMBOL, "damaged"),
])
def test_torch_and_torchaudio_that_do_not_import_together(interpreter, version, error, why):
    found = interpreter(version, error)
    assert found["torch"].state == "ok"
    row = found["torchaudio"]
    assert row.state == "fail"
    assert error in row.seen
    assert f"torch {version} and torchaudio 2.11.0" in row.seen
    assert why in row.mend
    assert '"torch>=2.11,<2.13" "torchaudio==2.11.*"' in row.mend


def test_another_torchaudio_names_the_tested_pair(interpreter):
    assert "torch>=2.11,<2.13 with torchaudio==2.11" in interpreter("2.11.0", SYMBOL, have="2.9.0")["torchaudio"].mend


def test_torch_that_breaks_alone_or_is_missing(interpreter):
    found = interpreter("2.12.1", torch_error="ImportError: libtorch_cpu.so: bad")
    assert found["torch"].state == "fail"
    assert "libtorch_cpu.so: bad" in found["torch"].seen
    assert interpreter(None)["torch"].seen == "not installed"
    assert interpreter("2.12.1", have=None)["torchaudio"].seen == "not installed"


def test_a_real_pair_of_this_environment_imports():
    states = {f.what: f.state for f in libraries.torch_pair()}
    assert states["torch"] == states["torchaudio"] == "ok"


def test_packages_missing_or_old(root, monkeypatch):
    (root / "pyproject.toml").write_text('[project]\ndependencies = ["rich>=99", "no-such-thing>=1", "typer"]\n')
    found = {f.what: f for f in libraries.packages()}
    assert found["rich"].state == "warn"
    assert found["no-such-thing"].state == "fail"
    assert "-m pip install" in found["no-such-thing"].mend
    assert "typer" not in found
    (root / "pyproject.toml").write_text('[project]\ndependencies = ["typer"]\n')
    assert [f.state for f in libraries.packages()] == ["ok"]


def test_an_old_python_and_one_without_an_environment(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    assert libraries.python()[0].state == "fail"
    monkeypatch.setattr(sys, "version_info", (3, 12, 1))
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    assert libraries.python()[0].state == "warn"


@pytest.mark.parametrize(("program", "state"), [
    (sys.executable, "ok"), ("python", "ok"), ("/gone/bin/python", "fail"), (shutil.which("sh"), "warn"),
])
def test_the_kernel(monkeypatch, program, state):
    manager = SimpleNamespace(get_kernel_spec=lambda name: SimpleNamespace(argv=[program]))
    monkeypatch.setattr("jupyter_client.kernelspec.KernelSpecManager", lambda: manager)
    row = notebooks.jupyter()[0]
    assert row.state == state
    assert (state == "ok") == (row.mend == "")


def test_data_without_network_cache_or_mirror(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("COURSE_DATA_MIRROR", raising=False)
    monkeypatch.setattr(surroundings, "reachable", lambda address: False)
    (row,) = surroundings.data()
    assert row.state == "warn"
    assert "generated sounds" in row.mend
    folder = tmp_path / "cache" / next(iter(datasets().values())).folder
    folder.mkdir(parents=True)
    (folder / "a.wav").touch()
    assert surroundings.data()[0].state == "ok"
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "nowhere"))
    assert surroundings.data()[0].state == "fail"
    monkeypatch.setenv("COURSE_DATA_MIRROR", str(tmp_path / "cache"))
    assert surroundings.data()[0].state == "ok"


def test_nothing_listens_on_a_closed_port():
    assert surroundings.reachable("http://127.0.0.1:9/") is False


def test_a_full_disk(monkeypatch):
    usage = namedtuple("usage", "total used free")
    for free, state in ((1e8, "fail"), (1e9, "warn"), (1e11, "ok")):
        monkeypatch.setattr(shutil, "disk_usage", lambda path, free=free: usage(1, 1, free))
        assert surroundings.disk()[0].state == state


def test_settings_that_name_nothing(monkeypatch):
    monkeypatch.delenv("COURSE_PROFILE", raising=False)
    monkeypatch.delenv("COURSE_DEVICE", raising=False)
    assert surroundings.settings() == []
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    assert [f.state for f in surroundings.settings()] == ["ok"]
    monkeypatch.setenv("COURSE_DEVICE", "foo")
    (row,) = surroundings.settings()
    assert row.state == "fail"
    assert "COURSE_DEVICE='foo' is not available here" in row.seen
    monkeypatch.setenv("COURSE_DEVICE", "cpu")
    monkeypatch.setenv("COURSE_PROFILE", "huge")
    assert "COURSE_PROFILE='huge' is no profile" in surroundings.settings()[0].seen


def test_a_forbidden_sandbox_is_no_failure(monkeypatch, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    (row,) = isolation.sandbox()
    assert row.state == "info"
    assert "not installed" in row.seen
    assert "apt install bubblewrap" in row.mend
    monkeypatch.setattr(shutil, "which", lambda name: "/bin/bwrap" if name == "bwrap" else None)
    refused = SimpleNamespace(returncode=1, stderr="bwrap: setting up uid map: Permission denied\n")
    monkeypatch.setattr(usable.subprocess, "run", lambda *args, **options: refused)
    setting = tmp_path / "proc/sys/kernel/apparmor_restrict_unprivileged_userns"
    setting.parent.mkdir(parents=True)
    setting.write_text("1\n")
    monkeypatch.setattr(usable, "ROOT", tmp_path)
    monkeypatch.setattr(usable.platform, "release", lambda: "6.8.0")
    (row,) = isolation.sandbox()
    assert row.state == "info"
    assert "Permission denied" in row.seen
    assert "AppArmor" in row.mend
    assert "profile bwrap /usr/bin/bwrap" in row.mend


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_a_disk_that_refuses_is_one_line(monkeypatch, capsys, code):
    def refused():
        raise OSError(code, "Refused", "/checkout/build/runs")

    monkeypatch.setattr(doctor, "examine", refused)
    with pytest.raises(SystemExit) as caught:
        main(["doctor"])
    assert caught.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("/checkout/build/runs: cannot be written: Refused → ")


def test_the_command_fails_with_a_table_and_survives_a_broken_probe(monkeypatch, capsys):
    def broken():
        raise RuntimeError("no such thing [bold]")

    def fine():
        return [probes.Finding("Python", "ok", "3.11")]

    monkeypatch.setattr(doctor, "PROBES", (broken, fine))
    with pytest.raises(SystemExit) as caught:
        main(["doctor", "--brief"])
    out = capsys.readouterr().out
    assert caught.value.code == 1
    assert "[bold]" in out
    assert "Python" not in out, "--brief shows what needs attention"
    assert "1 of 2 must be mended" in out
    monkeypatch.setattr(doctor, "PROBES", (fine,))
    with pytest.raises(SystemExit) as caught:
        main(["doctor"])
    assert caught.value.code == 0
    assert "3.11" in capsys.readouterr().out

"""The setup cell on a machine like Colab: only what Colab preinstalls, with a torch that is not ours and must stay."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from checkout import ROOT, copy_checkout

pytestmark = pytest.mark.slow

TORCH = "2.13.0"  # not the version of constraints.txt: an installation that put ours in its place would be seen
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
PREINSTALLED = (
    "accelerate", "ipykernel", "ipython", "ipywidgets", "librosa", "matplotlib", "numpy", "pandas", "requests", "rich",
    "safetensors", "scikit-learn", "scipy", "soundfile", "tqdm", "typer",
)
RUN_CELL = """
import json, sys
import google.colab                      # as Colab's kernel does before the first cell
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for source in json.load(open(sys.argv[1])):
    result = shell.run_cell(source)
    if not result.success:
        error = result.error_before_exec or result.error_in_exec
        print(f"FAILED {type(error).__name__}: {error}")
        sys.exit(1)
"""


@dataclass(frozen=True)
class Colab:
    """A bare environment: its interpreter, and a folder with a stand-in for `google.colab`."""

    python: Path
    folder: Path
    source: str

    def run(self, *cells: str, source: str | None = None) -> subprocess.CompletedProcess:
        """Run cells one after the other in one IPython, as in a fresh runtime."""
        notebook = self.folder / "cells.json"
        notebook.write_text(json.dumps(cells))
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COURSE_", "VIRTUAL_ENV"))}
        environment = clean | {
            "PYTHONPATH": str(self.folder / "stand_in"), "COURSE_SOURCE": source or self.source,
            "IPYTHONDIR": str(self.folder / "ipython"), "MPLBACKEND": "agg",
        }
        command = [str(self.python), str(self.folder / "run_cell.py"), str(notebook)]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=400)

    def versions(self) -> dict[str, str]:
        """Every installed distribution and its version."""
        listed = subprocess.run(
            [*uv(), "pip", "list", "--python", str(self.python), "--format", "json"], capture_output=True, text=True,
            check=True,
        )
        return {row["name"]: row["version"] for row in json.loads(listed.stdout)}

    def torch_files(self) -> dict[str, tuple[int, int, int]]:
        """Inode, size and time of change of every file of torch: the same only if nobody wrote or replaced one."""
        packages = next((self.python.parent.parent / "lib").glob("python*/site-packages"))
        files = [*packages.glob("torch/**/*"), *packages.glob("torch-*/**/*")]
        return {
            str(file): (stat.st_ino, stat.st_size, stat.st_mtime_ns)
            for file in files if file.is_file() and "__pycache__" not in file.parts and (stat := file.stat())
        }


def uv() -> list[str]:
    """The command that calls uv."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if not found:
        pytest.skip("uv is not installed: pip install uv")
    return [found]


def setup_cell() -> str:
    """The generated setup cell, taken from a student release."""
    release = sorted((ROOT / "notebooks").glob("*/*.ipynb"))[0]
    cells = json.loads(release.read_text(encoding="utf-8"))["cells"]
    return next("".join(c["source"]) for c in cells if "ui.setup()" in "".join(c["source"]))


def git_repository(folder: Path) -> str:
    """The working tree as it is now, committed to a repository of its own; its address for pip."""
    copy_checkout(folder)
    git = ["git", "-C", str(folder), "-c", "user.name=test", "-c", "user.email=test@example.org"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "as it is"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    return f"git+file://{folder}@main"


def _uv(*arguments: str) -> str:
    """Run uv; its complaint, empty if it succeeded. It may use wheels that this machine keeps."""
    kept = os.environ.get("PIP_FIND_LINKS", "").replace(" ", ",")
    environment = os.environ | ({"UV_FIND_LINKS": kept} if kept else {})
    done = subprocess.run([*uv(), *arguments], env=environment, capture_output=True, text=True)
    return " ".join(done.stderr.split()) or "uv failed" if done.returncode else ""


@pytest.fixture(scope="module")
def colab(tmp_path_factory) -> Colab:
    """The bare environment; made in seconds where uv has the packages in its cache."""
    folder = tmp_path_factory.mktemp("colab")
    pinned = re.sub(r"(?m)^(torch|nvidia|triton|cuda|setuptools|pip=).*\n", "", (ROOT / "constraints.txt").read_text())
    (folder / "constraints.txt").write_text(pinned)
    python = folder / "env" / "bin" / "python"
    install = ["pip", "install", "--python", str(python), "--constraint", str(folder / "constraints.txt"),
               f"torch=={TORCH}+cpu", *PREINSTALLED]
    _uv("venv", "--seed", "--python", sys.executable, str(folder / "env"))
    if fault := _uv(*install):
        assert f"no version of torch=={TORCH}+cpu" in fault, fault
        if fault := _uv(*install, "--index", CPU_WHEELS, "--index-strategy", "unsafe-best-match"):
            pytest.skip(f"torch {TORCH} for the CPU cannot be had here: {fault[-200:]}")
    stand_in = folder / "stand_in" / "google" / "colab"
    stand_in.mkdir(parents=True)
    (stand_in / "__init__.py").write_text('"""A stand-in for the package that every Colab kernel has imported."""\n')
    (folder / "run_cell.py").write_text(RUN_CELL)
    return Colab(python, folder, git_repository(folder / "repository"))


def test_without_network_the_cell_says_what_is_wrong(colab):
    done = colab.run(setup_cell(), source=f"git+file://{colab.folder}/nowhere")
    assert done.returncode == 1
    assert "The course library was not installed. Is the network reachable?" in done.stdout
    assert "nowhere" in done.stdout  # what pip said
    assert "deep-audio-course" not in colab.versions()


def test_outside_of_colab_the_cell_installs_nothing(colab):
    done = colab.run("import sys; del sys.modules['google.colab']", setup_cell())
    assert done.returncode == 1
    assert "FAILED ModuleNotFoundError: course_lib is not installed for this kernel: run `make lab`" in done.stdout


def test_the_setup_cell_installs_the_library_and_leaves_torch_alone(colab):
    before, files = colab.versions(), colab.torch_files()
    assert before["torch"].startswith(TORCH)
    assert len(files) > 1000
    use = """
    assert torch.__version__.startswith("2.13.0"), torch.__version__
    x = torch.randn(1001)
    checks.stft.stft(lambda x, n_fft=1024, hop=256: signal.stft(x, n_fft, hop))
    ui.player({"noise": x.numpy()}, 16000)
    fig, ax = plt.subplots(); ui.spectrogram(x.numpy(), 16000, ax=ax); ui.show(fig, alt="noise")
    from course_lib.data.registry import datasets; assert len(datasets()["spoken_digits"].names()) > 100
    assert data.generate.spoken_digits(digits=[3])[0].audio().std() > 0
    """
    done = colab.run(setup_cell(), *map(str.strip, use.strip().splitlines()))
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    assert f"torch=={before['torch']}" in done.stdout  # it says what it keeps
    assert "profile" in done.stdout

    after = colab.versions()
    assert colab.torch_files() == files
    assert {name: after.get(name) for name in before} == before  # nothing that was there was touched
    new = set(after) - set(before)
    assert "deep-audio-course" in new
    assert not new & {"torch", "torchaudio", "jupyterlab", "notebook", "nbgrader", "jupytext", "pytest", "ruff"}
    assert len(new) < 20, sorted(new)

    again = colab.run(setup_cell(), setup_cell())  # a second run in one kernel, and a restarted one
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Installing" not in again.stdout
    assert colab.versions() == after
    assert colab.torch_files() == files

"""The setup cell on a machine like Colab: torch is there, the course is not; git and the package registry lead to it.

The bare environment sees this environment's torch and the usual scientific packages through links, but not the course
nor the small packages that Colab lacks, which pip has to fetch.
"""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from autograder import generated
from autograder.course import Course

REPOSITORY = Path(__file__).parents[3]
NOT_ON_COLAB = ("jaxtyping", "wadler_lindig", "lazy_loader", "deep_audio", "course_lib", "nbgrader", "jupytext",
                "jupyterlab", "accelerate", "__editable__", "_editable", "_virtualenv", "distutils-precedence")
COLAB = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')\n"
WITNESS = """
import json, pathlib, course_lib, jaxtyping
print(json.dumps([torch.__version__, torch.__file__, np.__version__, course_lib.__file__, jaxtyping.__file__]))
"""


@pytest.fixture(scope="module")
def cell():
    return generated.setup(Course.load(REPOSITORY)).source


@pytest.fixture
def bare(tmp_path):
    """Run code in the bare environment: `bare(code, COURSE_SOURCE=…)` → completed process."""
    environment, farm = tmp_path / "colab", tmp_path / "preinstalled"
    venv.create(environment, with_pip=True)
    farm.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.lower().startswith((*NOT_ON_COLAB, "pip", "setuptools")) and entry.suffix != ".pth":
            (farm / entry.name).symlink_to(entry)
    program = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    packages = subprocess.run([program, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
                              capture_output=True, text=True, check=True).stdout.strip()
    Path(packages, "preinstalled.pth").write_text(f"{farm}\n")

    def run(code, **variables):
        env = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "COURSE_SOURCE")} | variables
        return subprocess.run([program, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=500)

    run.packages = Path(packages)
    return run


@pytest.fixture
def git_url(tmp_path):
    """A local git repository with the working tree of this checkout."""
    target = tmp_path / "origin"
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=REPOSITORY,
                            capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, target / name)
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "all"]):
        author = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *author, *arguments], cwd=target, check=True)
    return f"git+{target.as_uri()}@main"


def registry_answers():
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", os.devnull, "hatchling"]
    probe = subprocess.run([*command[:-3], "--no-cache-dir", *command[-3:]], capture_output=True, text=True)
    return "No matching distribution" not in probe.stderr and "ConnectionError" not in probe.stderr


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_the_package_is_installed_once_and_torch_stays(bare, git_url, cell):
    if not registry_answers():
        pytest.skip("no package registry")
    import numpy as np
    import torch

    first = bare(COLAB + cell + WITNESS, COURSE_SOURCE=git_url)
    assert first.returncode == 0, first.stdout + first.stderr
    kept = importlib.metadata.version("torch")  # without the +cu130 that torch.__version__ shows
    assert f"Installing the course library from {git_url}, keeping torch=={kept}" in first.stdout
    version, file, numpy, library, jaxtyping = json.loads(first.stdout.strip().splitlines()[-1])
    assert (version, numpy) == (torch.__version__, np.__version__)
    assert "preinstalled" in file or file == torch.__file__
    assert Path(library).is_relative_to(bare.packages)
    assert Path(jaxtyping).is_relative_to(bare.packages)
    installed = {p.name.split("-")[0].lower() for p in bare.packages.glob("*.dist-info")}
    assert not installed & {"torch", "torchaudio", "torchvision", "numpy"}
    again = bare(COLAB + cell + WITNESS, COURSE_SOURCE="git+file:///nowhere@main")
    assert again.returncode == 0, again.stderr
    assert "Installing" not in again.stdout


def test_without_network_the_error_says_so(bare, cell):
    done = bare(COLAB + cell, COURSE_SOURCE="git+file:///nowhere@main", PIP_NO_INDEX="1")
    assert done.returncode == 1
    assert "RuntimeError: The course library was not installed. Is the network reachable?" in done.stderr
    assert "nowhere" in done.stderr


def test_elsewhere_nothing_is_installed(bare, cell):
    done = bare(cell)
    assert done.returncode == 1
    assert "course_lib is not installed for this kernel: run `make lab`" in done.stderr
    assert "Installing" not in done.stdout


def test_the_cell_is_the_same_in_all_units_and_names_the_repository(cell):
    course = Course.load(REPOSITORY)
    assert f'"git+{course.repository}@{course.branch}"' in cell
    assert len(cell.splitlines()) < 45

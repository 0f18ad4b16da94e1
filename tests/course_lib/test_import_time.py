"""`import course_lib` is cheap, and the library needs none of the laboratory's heavy packages."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "torchaudio", "librosa", "matplotlib", "nbgrader", "jupytext", "IPython", "scipy", "accelerate")
LIMIT = 0.3  # seconds, DESIGN


def run(code: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.alone
def test_import_takes_less_than_the_limit():
    code = "import time; t = time.perf_counter(); import course_lib; print(time.perf_counter() - t)"
    assert min(float(run(code)) for _ in range(4)) < LIMIT


def test_import_loads_nothing_heavy():
    loaded = run("import sys, course_lib; print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))")
    assert set(loaded.split()).isdisjoint(HEAVY)


@pytest.mark.parametrize("package", ["ui", "device"])
def test_front_end_packages_do_not_plot_on_import(package):
    code = f"import sys; from course_lib import {package}; dir({package}); print('matplotlib' in sys.modules)"
    assert run(code) == "False"


def test_every_module_imports_without_the_laboratory():
    """What Colab or a plain pip install may lack: an import hook refuses it."""
    code = """
import importlib, pkgutil, sys

BLOCKED = {"librosa", "jupyterlab", "nbgrader", "torchaudio", "jupytext", "IPython", "ipywidgets", "matplotlib"}

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"{name} is absent here", name=name)

sys.meta_path.insert(0, Refuse())
import course_lib
names = [m.name for m in pkgutil.walk_packages(course_lib.__path__, "course_lib.")]
for name in names:
    module = importlib.import_module(name)
    for attribute in dir(module):
        getattr(module, attribute)
print(len(names))
"""
    assert int(run(code)) > 20

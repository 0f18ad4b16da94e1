"""Solved notebooks in JupyterLab: through `course lab --teach`, and through stock jupytext."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from jupytext.async_contentsmanager import AsyncTextFileContentsManager
from mini import GAIN
from tornado.web import HTTPError

from autograder.build import build_unit, refuse_edited
from autograder.files import write_all
from autograder.pairing import CourseContentsManager

PATH = "solutions/01_gain/01_gain.ipynb"
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def manager(root, course):
    for unit in course.units.values():
        write_all(build_unit(course, unit).texts())
    return CourseContentsManager(root_dir=str(root))


def call(coroutine):
    return asyncio.run(coroutine)


def save(manager, content, path=PATH):
    return call(manager.save({"type": "notebook", "content": content}, path))


def test_opening_and_saving_changes_nothing_in_the_source(root, manager):
    source = root / PATH.replace(".ipynb", ".py")
    content = call(manager.get(PATH))["content"]
    assert content["cells"][1]["id"] == "course-setup", "the author can run what was opened"
    save(manager, content)
    assert source.read_text() == GAIN


def test_an_edit_goes_into_the_source_without_generated_cells(root, course, manager):
    content = call(manager.get(PATH))["content"]
    content["cells"][3]["source"] = "x = np.ones(7)"
    content["cells"].append({"cell_type": "code", "id": "x", "metadata": {"trusted": True}, "source": "", "outputs": [],
                             "execution_count": None})
    save(manager, content)
    source = root / PATH.replace(".ipynb", ".py")
    assert source.read_text() == GAIN.replace("x = np.ones(4)\nprint(x.sum())", "x = np.ones(7)")
    refuse_edited(build_unit(course, course.units["01_gain"]))  # a build loses nothing
    assert call(manager.get(PATH))["content"]["cells"][3]["source"] == "x = np.ones(7)"


def test_a_source_newer_than_the_notebook_is_what_opens_and_outputs_stay(root, manager):
    content = call(manager.get(PATH))["content"]
    output = {"output_type": "stream", "name": "stdout", "text": "4.0\n"}
    content["cells"][3]["outputs"] = [output]
    save(manager, content)
    source = root / PATH.replace(".ipynb", ".py")
    source.write_text(GAIN.replace("## A gain is a factor", "## A gain is a number"))
    model = call(manager.get(PATH, require_hash=True))
    assert model["content"]["cells"][2]["source"].startswith("## A gain is a number")
    assert model["content"]["cells"][3]["outputs"] == [output]
    before = model["hash"]
    source.write_text(GAIN)
    assert call(manager.get(PATH, content=False, require_hash=True))["hash"] != before


def test_a_malformed_source_is_named_or_left_to_its_author(root, manager):
    source = root / PATH.replace(".ipynb", ".py")
    content = call(manager.get(PATH))["content"]
    content["cells"][5]["source"] = "def scale(x, gain_db):\n    return x"
    save(manager, content)  # without BEGIN SOLUTION: no build, but no work is lost
    assert call(manager.get(PATH))["content"]["cells"][5]["source"].endswith("return x")
    source.write_text(GAIN.replace("    ### END SOLUTION\n", ""))
    with pytest.raises(HTTPError, match="without END SOLUTION"):
        call(manager.get(PATH))


def test_other_notebooks_are_jupytexts_and_make_no_script(root, manager):
    path = "notebooks/01_gain/01_gain.ipynb"
    content = call(manager.get(path))["content"]
    save(manager, content, path)
    assert list((root / "notebooks").rglob("*.py")) == []


def test_stock_jupytext_opens_and_saves_it_too(root, course, manager):
    """Without the generated cells, but nothing is lost: a build puts them back."""
    shutil.copy(REPOSITORY / "solutions/jupytext.toml", root / "solutions")
    stock = AsyncTextFileContentsManager(root_dir=str(root))
    source, unit = root / PATH.replace(".ipynb", ".py"), course.units["01_gain"]
    future = time.time() + 100
    os.utime(root / PATH, (future, future))
    content = call(stock.get(PATH))["content"]
    content["cells"][1]["source"] = "x = np.ones(7)"
    save(stock, content)
    refuse_edited(build_unit(course, unit))
    write_all(build_unit(course, unit).texts())
    assert source.read_text() == GAIN.replace("x = np.ones(4)\nprint(x.sum())", "x = np.ones(7)")


@pytest.mark.slow
def test_the_server_of_course_lab_teach(root, manager):
    env = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p), "JUPYTER_CONFIG_DIR": str(root / "c"),
                        "JUPYTER_RUNTIME_DIR": str(root / "runtime")}
    options = ["--ServerApp.ip=127.0.0.1", "--no-browser", "--IdentityProvider.token=t", "--allow-root",
               "--ServerApp.port_retries=50"]
    server = subprocess.Popen([sys.executable, "-m", "autograder", "lab", "--teach", *options], cwd=root, env=env,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        url = _address(root / "runtime")
        notebook = _ask(f"{url}api/contents/{PATH}?content=1&hash=1")
        assert len(notebook["content"]["cells"]) == GAIN.count("# %%") + 3
        notebook["content"]["cells"][3]["source"] = "x = np.ones(7)"
        body = {"type": "notebook", "format": "json", "content": notebook["content"]}
        saved = _ask(f"{url}api/contents/{PATH}", body)
        again = _ask(f"{url}api/contents/{PATH}?content=0&hash=1")
        assert saved["last_modified"] == again["last_modified"], "else JupyterLab asks whether to overwrite"
        assert "np.ones(7)" in (root / PATH.replace(".ipynb", ".py")).read_text()
    finally:
        os.killpg(server.pid, signal.SIGTERM)  # `course lab` and the JupyterLab below it
        server.wait(timeout=30)


def _address(folder, seconds=90):
    for _ in range(seconds * 4):
        for path in folder.glob("jpserver-*.json"):
            url = json.loads(path.read_text() or "{}").get("url")
            try:
                _ask(f"{url}api")
                return url
            except (OSError, ValueError):
                pass
        time.sleep(0.25)
    raise AssertionError("JupyterLab did not start")


def _ask(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "token t", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data, headers, method="GET" if body is None else "PUT")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)

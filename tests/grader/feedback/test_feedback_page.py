"""The feedback page: what a student must find on it, and what must never be there."""

import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from graded_class import MESSAGES, record, small_class, write_records

from autograder.cli import main
from autograder.errors import CourseError
from autograder.feedback.page import feedback_page
from autograder.intake import read
from autograder.model.examination import BROKEN, MISSING, WRONG, CellFault
from autograder.model.submission import HandedIn, Repair
from autograder.pages.by_hand import ByHand, HandGrade
from autograder.pages.exercises import titles
from autograder.pages.graded import Marked, file_name, read_class
from autograder.rules import HIDDEN, SCHEME, regions

EVIL = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "</style><svg onload=alert(1)>", "{{ 7 * 7 }}",
    "[click](javascript:alert(1))", "`<iframe src='javascript:alert(1)'>`", "\x1b[31mred\x1b[0m", "\u202egnp.exe",
    "\ud800", "'\" onmouseover='alert(1)", "<!-- ", "]]>", "&lt;script&gt;", "\x00",
)
ALLOWED_TAGS = set(re.findall(
    r"\w+", "html head meta title style body header main footer section h1 h2 h3 p strong small span a svg path rect "
    "symbol use table thead tbody tr th td div ul li code pre details summary"))
ALLOWED_ATTRIBUTES = set(re.findall(
    r"\S+", "lang charset http-equiv content name class aria-label aria-labelledby aria-hidden focusable viewbox "
    "preserveaspectratio role width height x d opacity scope href id"))


class Reader(HTMLParser):
    """Tags, attributes and the visible text of a page."""

    def __init__(self, page: str):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = set(), set(), [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        for name, value in attrs:
            assert not name.startswith("on"), name
            if name == "href":
                assert value.startswith("#"), value
        if tag not in ("meta", "path", "rect", "use"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("path", "rect", "use"):
            assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def page_of(course, given, one, by_hand=None):
    return feedback_page(course, course.unit(given.name), titles(given), Marked(one, by_hand or ByHand()))


def secret_lines(given):
    """The lines of hidden tests and mark schemes."""
    for cell in given.solved.cells:
        lines = cell.source.split("\n")
        for name in (HIDDEN, SCHEME):
            for begin, end in regions(cell.source, name):
                yield from (line.strip() for line in lines[begin + 1: end] if line.strip())


def test_it_says_what_was_right_and_wrong(course, given):
    text = Reader(page_of(course, given, small_class(given)[1])).words
    assert "8 of 14 points" in text
    assert "Ben Okafor" in text
    assert "20 November 2026, 21:47 UTC" in text
    assert "2.1 · STFT" in text
    assert "0 / 3 points" in text
    assert "(43, 257): the axes are in another order" in text
    assert "The spectrogram in dB is wrong: you took the natural logarithm." in text
    assert "its metadata was gone" in text
    assert "saved by Colab" in text
    assert "the last one was graded. A person will look at this." in text
    assert "1 more point is still open" in text


def test_it_holds_no_secret(course, given):
    secrets = list(secret_lines(given))
    assert len(secrets) > 10
    for one in small_class(given):
        page = page_of(course, given, one)
        assert "5eed" not in page
        assert "expect_close(ripple, hidden)" not in page
        assert not [line for line in secrets if line in page or html.escape(line) in page]
        assert "/work/" not in page
        assert "worker 1" not in page
        assert "/home/" not in page


def test_a_broken_check_is_our_fault(course, given):
    one = record(given, "s1", statuses={"stft": (BROKEN, "Traceback in /srv/course/checks.py: secret(7)")})
    text = Reader(page_of(course, given, one)).words
    assert "our mistake" in text
    assert "a fault of the course, not of your answer" in text
    assert "secret" not in text
    assert "checks.py" not in text


def test_hostile_text_is_inert_everywhere(course, given):
    evil = "\n".join(EVIL)
    one = record(
        given, evil, evil, answers={e.grade_id: evil for e in given.exercises}, flags=(evil,), output=evil,
        statuses={e.grade_id: (WRONG, evil) for e in given.exercises},
        repairs=(Repair(evil, evil), Repair(evil, "stft", True)),
        faults=(CellFault(evil, evil, WRONG, evil), CellFault(evil, "stft", WRONG, evil)), received=evil, refused=evil)
    hand = ByHand({t: HandGrade(1.0, 0.0, evil) for t in ("test_stft", "explain_phase")}, {"stft": evil}, 60.0, 0.5)
    page = page_of(course, given, one, hand)
    read = Reader(page)
    assert read.tags <= ALLOWED_TAGS, read.tags - ALLOWED_TAGS
    assert read.attributes <= ALLOWED_ATTRIBUTES, read.attributes - ALLOWED_ATTRIBUTES
    assert "<script>alert(1)</script>" in read.words  # as text
    assert "{{ 7 * 7 }}" in read.words
    assert not set(page) & set("\x1b\x00\u202e")
    assert not re.search("[\ud800-\udfff]", page)
    policy = re.search('Content-Security-Policy" content="([^"]*)"', page)[1]
    assert "default-src &#39;none&#39;" in policy
    assert "script" not in policy
    assert "unsafe" not in policy


def test_it_stays_below_a_megabyte(course, given):
    flood = "<&\"'>" * 2_000_000
    lines = "é\n" * 1_000_000
    one = record(
        given, "s1", flood, answers={e.grade_id: flood for e in given.exercises}, output=flood,
        output_bytes=200_000_000,
        statuses={e.grade_id: (WRONG, lines if i % 2 else flood) for i, e in enumerate(given.exercises)},
        repairs=tuple(Repair(f"{i} {flood[:9000]}", "stft" if i % 2 else None) for i in range(2000)),
        faults=tuple(CellFault(f"cell {i}", None, WRONG, f"{i} {flood[:9000]}") for i in range(2000)))
    page = page_of(course, given, one)
    assert len(page.encode()) < 1_000_000
    text = Reader(page).words
    assert "printed 200 MB" in text
    assert "characters left out" in text
    assert "and 960 more" in text


def test_points_of_a_person_replace_those_of_the_computer(course, given):
    one = record(given, "s1", statuses={"stft": (WRONG, MESSAGES["stft"])})
    hand = ByHand(
        {"explain_window": HandGrade(0.5, 0.0, "Good, but 0.8 s needs its reason.", False),
         "test_stft": HandGrade(2.0), "explain_phase": HandGrade(None, 0.0, "", True)},
        {}, seconds_late=7500, penalty=1.5)
    text = Reader(page_of(course, given, one, hand)).words
    assert "10 of 14 points" in text  # 3 passed of 1 + 2 + 3 + 3 = 9, 2 + 0.5 by hand, 1.5 off
    assert "Good, but 0.8 s needs its reason." in text
    assert "0.5 / 1" in text
    assert "2 h 5 min after the due date" in text
    assert "1.5 points off" in text
    assert "1 more point is still open" in text


def test_a_refused_file_says_why(course, given):
    text = Reader(page_of(course, given, small_class(given)[7])).words
    assert "This file could not be graded. This is not a notebook: the upload broke off" in text
    assert "Exercise by exercise" not in text


WRONG_FILES = {
    b"%PDF-1.7": True, b"PK\x03\x04": True, b"": True, b"{}": True, b'{"cells": []}': True,
    b'{"cells": [{"cell_type": "markdown", "source": "# 12 \xc2\xb7 CTC", "metadata": {}}]}': True,
    b'{"cells": [{"cell_ty': False, b"x" * 100: False,
}


@pytest.mark.parametrize(("data", "other"), WRONG_FILES.items())
def test_a_wrong_file_asks_for_the_right_one(course, given, data, other):
    refused = read(HandedIn("s1", "s1", data), given).refused
    text = Reader(page_of(course, given, record(given, "s1", refused=refused))).words
    assert ("Hand in 02_stft.ipynb;" in text, "Open it in Jupyter, save it" in text) == (other, not other), refused


def test_a_notebook_under_another_unit_s_name_asks_for_the_right_one(course, given):
    fault = "12_ctc.ipynb was handed in, which is not 02_stft.ipynb."
    refused = read(HandedIn("s1", "s1", b"", faults=(fault,)), given).refused
    assert "Hand in 02_stft.ipynb;" in Reader(page_of(course, given, record(given, "s1", refused=refused))).words


def test_it_is_readable_by_machines_too(course, given):
    page = page_of(course, given, small_class(given)[2])
    headings = [int(level) for level in re.findall("<h([1-6])", page)]
    assert headings.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(headings))
    ids = re.findall(' id="([^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall('href="#([^"]*)"', page)) | set(re.findall('labelledby="([^"]*)"', page)) <= set(ids)


@pytest.mark.parametrize(("student", "name"), [
    ("s1", "s1"), ("anna.meier@uni.de", "anna.meier@uni.de"), ("../../etc", "%2E.%2F..%2Fetc"), (".", "%2E"),
    ("a/b\\c", "a%2Fb%5Cc"), ("", "%"), ("x\x00\ud800", "x%00%3F"),
])
def test_a_student_id_cannot_leave_the_folder(student, name):
    assert file_name(student) == name


def test_a_long_student_id_still_has_a_file_of_its_own():
    names = {file_name("é" * 500 + end) for end in "ab"}
    assert len(names) == 2
    assert max(map(len, names)) < 150


def test_command(course, given, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    records = small_class(given)
    write_records(course, [*records, replace(records[0], refused="a later attempt")])
    with pytest.raises(SystemExit) as stopped:
        main(["feedback", "02", "--student", "s1042", "--student", "s1041"])
    assert stopped.value.code == 0
    said = capsys.readouterr().out
    assert "2 pages" in said
    assert "2 of them still wait for a person" in said
    written = course.root / "build" / "feedback"
    pages = sorted(p.relative_to(written).as_posix() for p in written.rglob("*.html"))
    assert pages == ["s1041/02_stft.html", "s1042/02_stft.html"]
    assert "a later attempt" in (written / "s1041" / "02_stft.html").read_text()


def test_what_cannot_be_read_is_said(course, given):
    unit = course.unit("02")
    chain = write_records(course, small_class(given))
    with pytest.raises(CourseError, match="no record of 's104'"):
        read_class(course, unit, students=["s104"])
    with pytest.raises(CourseError, match="nothing of 12_ctc is graded yet"):
        read_class(course, course.unit("12"))
    text = chain.read_text()
    assert '"student":"s1042"' in text
    chain.write_text(text.replace('"student":"s1042"', '"student":"s1041"', 1))
    with pytest.raises(CourseError, match="this evidence was changed"):
        read_class(course, unit)


def test_missing_answers_are_named(course, given):
    one = record(given, "s1", answers={"stft": None}, statuses={"stft": MISSING})
    assert "No answer was found for this exercise." in Reader(page_of(course, given, one)).words


def test_paths_of_the_machine_are_cut(course, given):
    said = "FileNotFoundError: /srv/grader/secret/x.wav"
    one = record(given, "s1", statuses={"stft": (WRONG, said)}, faults=(CellFault("cell 3", None, WRONG, said),),
                 repairs=(Repair(said),))
    page = page_of(course, given, one)
    assert "/srv" not in page
    assert page.count("…/x.wav") == 3

"""The class report: its numbers, its words, and hostile messages in it."""

import base64
import re
import statistics

import pytest
from graded_class import record, small_class, write_records

from autograder.cli import main
from autograder.model.examination import BROKEN, CRASHED, MANUAL, MISSING, PASSED, TIMEOUT, WRONG
from autograder.pages.by_hand import ByHand, HandGrade
from autograder.pages.exercises import titles
from autograder.pages.graded import Marked
from autograder.report.page import report_page
from autograder.report.plots import score_plot, time_plot
from autograder.report.statistics import class_numbers, exercise_numbers, flagged, mistakes


@pytest.fixture(scope="module")
def marked(given):
    return [Marked(one) for one in small_class(given)]


def words_of(page):
    return " ".join(re.sub("<[^>]*>", " ", page.split("</style>")[1]).split())


def test_numbers_of_the_class(given, marked):
    numbers = class_numbers(marked)
    scores = [one.record.score for one in marked]
    assert numbers.count == 12
    assert numbers.mean == pytest.approx(sum(scores) / 12)
    assert numbers.median == statistics.median(scores)
    assert (numbers.full, numbers.waiting, numbers.late, numbers.refused) == (0, 10, 0, 1)
    assert numbers.seconds == pytest.approx(sum(one.record.run["seconds"] for one in marked))


def test_points_of_people_count(given):
    one = record(given, "s1")
    by_hand = ByHand({"explain_window": HandGrade(1.0), "explain_phase": HandGrade(1.0)}, {}, 3600.0, 0.0)
    numbers = class_numbers([Marked(one, by_hand), Marked(one, ByHand(by_hand.grades, {}, 90_000.0, 2.0))])
    assert (numbers.full, numbers.waiting, numbers.late) == (1, 0, 2)
    assert numbers.mean == 13


def test_numbers_of_an_exercise(given, marked):
    stft, _decibels, window, ripple, *_ = exercise_numbers(titles(given), marked)
    assert stft.states == {PASSED: 6, WRONG: 4, "refused": 1, MISSING: 1}
    assert stft.mean == pytest.approx(3 * 6 / 12)
    assert window.states == {MANUAL: 10, "refused": 1, MISSING: 1}
    assert window.mean is None  # nobody has marked it
    assert ripple.states[BROKEN] == 1
    assert len(stft.seconds) == 12
    assert window.seconds == []


def test_messages_are_counted_without_their_numbers(given):
    def said(text):
        return Marked(record(given, text, statuses={"stft": (WRONG, text), "istft": (CRASHED, "out of memory")}))

    messages = ["shape (257, 43), got (43, 257): axes", "shape (9, 4, 2), got (4, 9): axes", "expected -1.5e-3, got 7.",
                "expected 0.25, got -7."]
    found = mistakes(titles(given), [said(text) for text in messages])
    counted = [(m.title.grade_id, m.count, m.share) for m in found]
    assert counted == [("istft", 4, 1), ("stft", 2, 0.5), ("stft", 2, 0.5)]
    assert found[0].example == "out of memory"


def test_refused_files_are_no_usual_mistake(given):
    why = "x.ipynb was handed in, which is not 02_stft.ipynb."
    statuses = {e.grade_id: ("refused", why) for e in given.exercises}
    refused = [Marked(record(given, f"s{i}", statuses=statuses, refused=why)) for i in range(3)]
    one = Marked(record(given, "s9", statuses={"stft": (WRONG, "the axes")}))
    assert [m.example for m in mistakes(titles(given), [*refused, one])] == ["The axes"]


def test_missing_times_of_handing_in_are_said(course, given):
    page = report_page(course, course.unit("02"), titles(given), [Marked(record(given, "s1", received=None))])
    assert "The times of handing in are missing" in words_of(page)
    assert "of memory" not in words_of(page)


def test_who_to_look_at(given, marked):
    found = flagged(titles(given), marked)
    assert [flag.marked.record.student for flag in found] == ["s1044", "s1048", "s1042", "s1043", "s1050"]
    assert found[0].reasons[0].startswith("2.4 · COLA test: the check itself failed: Traceback")
    assert "2.7 · Griffin-Lim: ran out of time" in found[0].reasons
    assert found[-1].reasons == ["graded without a sandbox"]


@pytest.mark.parametrize(("scores", "points"), [([0.0, 14.0, 7.25], 14), ([33.3, 0.0], 100), ([1.0], 1), ([0.5], 0.5)])
def test_every_score_has_a_bar(scores, points):
    plot = score_plot(scores, points)
    assert f"lowest {min(scores):g}" in plot.alt
    assert plot.light != plot.dark
    svg = base64.b64decode(plot.light.split(",")[1]).decode()
    assert "<script" not in svg
    assert score_plot(scores, points) == plot  # the same bytes again


def test_no_times_no_picture():
    assert time_plot(["a"], [[]]) is None
    assert "a: median 0.5 s, longest 2 s" in time_plot(["a", "b"], [[0.5, 2.0, 0.1], []]).alt


def test_page(course, given, marked):
    page = report_page(course, course.unit("02"), titles(given), marked)
    words = words_of(page)
    for text in ("12 submissions", "8.5 / 14 points, median", "10 wait for a person", "6 passed", "4 (33 %)",
                 "The spectrogram in dB is wrong: you took the natural logarithm.", "graded without a sandbox",
                 "Nobody, or no due date"):
        assert text in words, text
    assert "5eed" not in page
    assert all("alt=" in tag for tag in re.findall("<img[^>]*>", page))


def test_a_class_of_one_and_late(course, given):
    one = Marked(record(given, "s1", statuses={"stft": TIMEOUT}), ByHand({}, {}, 90_000.0, 1.5))
    words = words_of(report_page(course, course.unit("02"), titles(given), [one]))
    assert "1 submission " in words
    assert "1 day 1 h 1.5" in words


def test_hostile_messages_are_inert(course, given):
    evil = "</td><script>alert(1)</script>\u202e\x1b[31m\ud800<img src=x onerror=alert(1)> $x^2$ {{ 7 * 7 }}\n" * 300
    flags = tuple(f"{j}{evil}" for j in range(50))
    crowd = [Marked(record(given, f"{i}{evil}", f"{i}{evil}", flags=flags, refused=evil,
                           statuses={e.grade_id: (WRONG, f"{i % 7}{evil * 20}") for e in given.exercises}))
             for i in range(60)]
    page = report_page(course, course.unit("02"), titles(given), crowd)
    assert "<script" not in page
    assert len(re.findall("<img", page)) == 2
    assert not {"\u202e", "\x1b"} & set(page)
    assert "{{ 7 * 7 }}" in page
    assert len(page.encode()) < 2_000_000


def test_command(course, given, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    write_records(course, small_class(given))
    with pytest.raises(SystemExit) as stopped:
        main(["report", "02"])
    assert stopped.value.code == 0
    assert capsys.readouterr().out.strip().endswith("12 submissions: build/report/02_stft.html")
    assert "Usual mistakes" in (course.root / "build" / "report" / "02_stft.html").read_text()
